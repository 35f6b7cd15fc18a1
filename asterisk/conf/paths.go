package conf

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// ReadPaths reads what deploy/bring wrote about where the Asterisk it brought in is:
// lines of KEY=VALUE, among them ASTERISK_BIN, ASTERISK_MODULES and ASTERISK_DATA.
func ReadPaths(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("where asterisk is: %w", err)
	}
	defer f.Close()
	paths := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if k, v, ok := strings.Cut(lines.Text(), "="); ok {
			paths[k] = v
		}
	}
	return paths, lines.Err()
}
