package main

import (
	"os"
	"strings"
	"testing"
)

// TestOnlyWhatIsAsTheFileIs: what was written to, what can be written to and what is another file's stays.
func TestOnlyWhatIsAsTheFileIs(t *testing.T) {
	part := func(head, anonymous string) string {
		return head + "\nSize: 4 kB\nRss: 4 kB\nPrivate_Dirty: 0 kB\nAnonymous: " + anonymous + " kB\nLazyFree: 0 kB\nVmFlags: rd ex mr mw me\n"
	}
	smaps := part("00400000-00401000 r-xp 00000000 08:01 7          /opt/bretelle", "0") +
		part("00401000-00402000 r--p 00001000 08:01 7          /opt/bretelle", "4") +
		part("00402000-00405000 r--p 00002000 08:01 7          /opt/bretelle", "0") +
		part("00405000-00406000 rw-p 00005000 08:01 7          /opt/bretelle", "0") +
		part("00407000-00408000 r-xp 00000000 08:01 8          /lib/libc.so", "0") +
		part("c000000000-c000400000 rw-p 00000000 00:00 0 ", "0") +
		"00500000-00501000 r-xp 00000000 08:01 7          /opt/bretelle\n"
	got := cleanParts([]byte(smaps), "/opt/bretelle")
	if len(got) != 2 || got[0] != [2]uintptr{0x400000, 0x401000} || got[1] != [2]uintptr{0x402000, 0x405000} {
		t.Errorf("%x", got)
	}
	if got := cleanParts([]byte("no smaps\n\n"), ""); len(got) != 0 {
		t.Errorf("%x", got)
	}
}

func TestTheProgramGoesOnWithoutItsPages(t *testing.T) {
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Skip("there is no /proc: ", err)
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil || len(cleanParts(maps, own)) == 0 {
		t.Skip("the system does not say what is as the file is: ", err)
	}
	before := strings.ToUpper("what it says")
	releaseProgram()
	if after := strings.ToUpper("what it says"); after != before {
		t.Errorf("%q", after)
	}
}
