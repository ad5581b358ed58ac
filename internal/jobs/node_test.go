package jobs

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestGone(t *testing.T) {
	if processSpace() == "" {
		t.Log("this machine doesn't tell about its processes, so nobody may count as gone")
		if gone(newNodeID("here")) || gone("here//1//x") {
			t.Error("a node is gone although nothing is known of it")
		}
		return
	}
	child := exec.Command("cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	started, _ := processStart(child.Process.Pid)
	id := strings.Join([]string{"there", processSpace(), strconv.Itoa(child.Process.Pid), started, "x"}, "/")
	if gone(id) {
		t.Error("a living process counts as gone")
	}
	in.Close()
	for dead := false; !dead; time.Sleep(time.Millisecond) {
		_, dead = processStart(child.Process.Pid)
	}
	if !gone(id) {
		t.Error("a process that waits for its parent counts as living")
	}
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	if !gone(id) {
		t.Error("an ended process counts as living")
	}

	own := newNodeID("a name/with everything\nthat is much too long to be of any use")
	part := strings.Split(own, "/")
	if len(part) != 5 || len(own) > 100 || part[0] != "a name-with everything-t" {
		t.Errorf("got id %q", own)
	}
	part[3] = "1" // an earlier process with our number
	if !gone(strings.Join(part, "/")) {
		t.Error("a process whose number was used again counts as living")
	}
	part[1] = "elsewhere"
	if gone(strings.Join(part, "/")) || gone(own) || gone("") || gone("a/b") {
		t.Error("a node is gone although it may live")
	}
}

func TestBackoff(t *testing.T) {
	for attempt, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 8: 128 * time.Second, 9: 5 * time.Minute, 1000: 5 * time.Minute} {
		for range 20 {
			if got := backoff(attempt); got < want*9/10 || got > want*11/10 {
				t.Errorf("got %s after attempt %d, want about %s", got, attempt, want)
			}
		}
	}
}
