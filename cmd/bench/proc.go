package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// processorTime is what a process has used in user and system mode (proc(5): fields 14 and 15 of stat, hundredths of a
// second).
func processorTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat has another form here")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

var memoryLine = regexp.MustCompile(`(?m)^(VmRSS|VmHWM):\s+(\d+) kB`)

// memory is what a process has in memory now and had at most, in MiB, shared pages of its file included.
func memory(pid int) (now, most float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for _, m := range memoryLine.FindAllStringSubmatch(string(status), -1) {
		kib, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			return 0, 0, err
		}
		if m[1] == "VmRSS" {
			now = kib / 1024
		} else {
			most = kib / 1024
		}
	}
	return now, most, nil
}

// atRest is the memory once the process has used no processor time and its memory has not changed for four seconds, but
// after half a minute at the latest: the program gives back what it does not need when it has had nothing to do for three.
func atRest(pid int) (float64, error) {
	last, same := 0.0, 0
	var used time.Duration
	for range 300 {
		<-time.After(100 * time.Millisecond)
		now, _, err := memory(pid)
		if err != nil {
			return 0, err
		}
		cpu, err := processorTime(pid)
		if err != nil {
			return 0, err
		}
		if same++; now != last || cpu-used > 10*time.Millisecond {
			same = 0
		}
		if last, used = now, cpu; same >= 40 {
			break
		}
	}
	return last, nil
}

// size is the bytes of the database, its log and the files beside it.
func size(dir string) (int64, error) {
	var total int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a log that was emptied meanwhile
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
