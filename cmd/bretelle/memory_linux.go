package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// releaseProgram has the system forget which pages of the program itself were touched: those that only the start needed
// are not needed again, and the others come back from the page cache when they are used. It leaves alone every part that
// differs from the file, and does nothing where the system does not say so.
func releaseProgram() {
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, r := range cleanParts(maps, own) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, r[0], r[1]-r[0], syscall.MADV_DONTNEED) // it is only advice
	}
}

// cleanParts are the address ranges of a file's mappings that nobody can write to and that are as the file is.
func cleanParts(smaps []byte, file string) (parts [][2]uintptr) {
	var at [2]uintptr
	lines := bufio.NewScanner(bytes.NewReader(smaps))
	for lines.Scan() {
		line := lines.Text()
		var from, to, offset uintptr
		var rights, device, path string
		var inode, kib uint64
		if n, _ := fmt.Sscanf(line, "%x-%x %s %x %s %d %s", &from, &to, &rights, &offset, &device, &inode, &path); n >= 6 {
			at = [2]uintptr{}
			if path == file && (rights == "r-xp" || rights == "r--p") {
				at = [2]uintptr{from, to}
			}
		} else if n, _ := fmt.Sscanf(line, "Anonymous: %d kB", &kib); n == 1 {
			if kib == 0 && at[1] > at[0] {
				parts = append(parts, at)
			}
			at = [2]uintptr{}
		}
	}
	return parts
}
