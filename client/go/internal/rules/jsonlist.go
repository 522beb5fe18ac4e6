package rules

import (
	"encoding/json"
	"errors"
)

var errNoList = errors.New("a response of another shape than the path of the list")

// Read are the texts at the path of a JSON document, read strictly.
func (p JSONPath) Read(document []byte) ([]string, error) {
	found, err := readJSON(document, p)
	return found.texts, err
}

// Filter leaves of the innermost arrays on the path only the elements whose text is kept; one without a text is not. The
// document must be one that Read reads.
func (p JSONPath) Filter(document []byte, keep func(string) bool) ([]byte, error) {
	filtered, ok, err := p.filter(document, keep)
	if err == nil && !ok {
		err = errNoList
	}
	return filtered, err
}

// filter returns what is left of a value, and whether the element that it is in stays.
func (p JSONPath) filter(value json.RawMessage, keep func(string) bool) (json.RawMessage, bool, error) {
	if len(p) == 0 {
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return nil, false, err
		}
		return value, keep(text), nil
	}
	if p[0] == each {
		return p.filterArray(value, keep)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(value, &object); err != nil {
		return nil, false, err
	}
	inner, found := object[p[0]]
	if !found {
		return value, false, nil
	}
	left, ok, err := p[1:].filter(inner, keep)
	if err != nil {
		return nil, false, err
	}
	object[p[0]] = left
	text, err := json.Marshal(object)
	return text, ok, err
}

func (p JSONPath) filterArray(value json.RawMessage, keep func(string) bool) (json.RawMessage, bool, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(value, &elements); err != nil {
		return nil, false, err
	}
	kept := []json.RawMessage{}
	for _, element := range elements {
		left, ok, err := p[1:].filter(element, keep)
		if err != nil {
			return nil, false, err
		}
		if ok {
			kept = append(kept, left)
		}
	}
	text, err := json.Marshal(kept)
	return text, true, err
}
