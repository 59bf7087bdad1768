package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// machine is where a measurement was made.
type machine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	MemoryMiB int    `json:"memory_mib"`
	System    string `json:"system"`
	Disk      string `json:"disk"` // file system of the data directory
	Go        string `json:"go"`
	Load      string `json:"load"` // load averages when it began: who else was at work
}

func describe(dir string) machine {
	m := machine{Processor: "unknown processor", Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Disk: "unknown file system"}
	m.Processor = first("/proc/cpuinfo", "model name", m.Processor)
	_, _ = fmt.Sscanf(first("/proc/meminfo", "MemTotal", "0"), "%d", &m.MemoryMiB)
	m.MemoryMiB /= 1024
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += " " + strings.TrimSpace(string(b))
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Join(strings.Fields(string(b))[:3], " ")
	}
	if kind := fileSystem(dir); kind != "" {
		m.Disk = kind
	}
	return m
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, %d MiB, %s, %s, %s; load when it began %s", m.Processor, m.Cores, m.MemoryMiB, m.System, m.Disk, m.Go, m.Load)
}

// first is the value of a "name : value" line.
func first(file, name, otherwise string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return otherwise
	}
	for l := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return otherwise
}

// fileSystem is the kind of the mount that a directory lies on.
func fileSystem(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	b, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return ""
	}
	best, kind := -1, ""
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if len(f) < 3 {
			continue
		}
		if (f[1] == "/" || abs == f[1] || strings.HasPrefix(abs, f[1]+"/")) && len(f[1]) > best {
			best, kind = len(f[1]), f[2]
		}
	}
	return kind
}
