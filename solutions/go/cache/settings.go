package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

type settings struct {
	port       string
	folder     string
	appendOnly bool
	flushing   flushing
}

// readSettings reads the environment; what makes no sense is an error.
func readSettings(getenv func(string) string) (*settings, error) {
	s := &settings{port: getenv("PORT"), folder: cmp.Or(getenv("DATA_DIR"), ".")}
	if _, err := strconv.ParseUint(s.port, 10, 16); err != nil {
		return nil, errors.New("set PORT to the number of the port to listen on")
	}
	switch answer := strings.ToLower(cmp.Or(getenv("APPENDONLY"), "no")); answer {
	case "yes":
		s.appendOnly = true
	case "no":
	default:
		return nil, fmt.Errorf("APPENDONLY is yes or no, not %q", answer)
	}
	flushing, ok := parseFlushing(cmp.Or(getenv("APPENDFSYNC"), "everysec"))
	if !ok {
		return nil, errors.New("APPENDFSYNC is always, everysec or no")
	}
	s.flushing = flushing
	return s, nil
}

// logs is appendOnly as INFO has it.
func (s *settings) logs() int {
	if s.appendOnly {
		return 1
	}
	return 0
}
