// Package yamlnode reads YAML that an operator wrote as one of the few shapes that settings have; everything else is an
// error with the file and the line.
package yamlnode

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// echoMax is the longest part of an offending value that an error shows, in characters.
const echoMax = 120

// Node is a place in a file. Keys are known or refused, and stand once. There are no anchors and no tags with a
// meaning: a scalar is its text.
type Node struct {
	file string
	node *yaml.Node
}

// Field is an entry of a mapping.
type Field struct {
	Name  string
	Value *Node
}

// Parse reads one document as if it stood in that file.
func Parse(file string, text []byte) (*Node, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%s: is not UTF-8", file)
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: is empty", file)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %s", file, Shown(err.Error()))
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: expected one document", file)
	}
	return &Node{file: file, node: document.Content[0]}, nil
}

// Errorf is an error of this place.
func (n *Node) Errorf(format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %s", n.file, n.node.Line, fmt.Sprintf(format, args...))
}

// Fields are those of a mapping, in their order, of the keys that there can be.
func (n *Node) Fields(allowed ...string) (map[string]*Node, error) {
	entries, err := n.Entries()
	if err != nil {
		return nil, err
	}
	fields := map[string]*Node{}
	for _, entry := range entries {
		if !slices.Contains(allowed, entry.Name) {
			return nil, entry.Value.Errorf("unknown key `%s` (expected: one of %v)", Shown(entry.Name), allowed)
		}
		fields[entry.Name] = entry.Value
	}
	return fields, nil
}

// Entries are the fields of a mapping whose keys are the operator's.
func (n *Node) Entries() ([]Field, error) {
	if n.node.Kind != yaml.MappingNode {
		return nil, n.Errorf("expected: a mapping")
	}
	var entries []Field
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.node.Content); i += 2 {
		key := &Node{n.file, n.node.Content[i]}
		name, err := key.Text()
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, key.Errorf("`%s` stands twice", Shown(name))
		}
		seen[name] = true
		entries = append(entries, Field{name, &Node{n.file, n.node.Content[i+1]}})
	}
	return entries, nil
}

// Required is one of the fields of this mapping, which must be there.
func (n *Node) Required(fields map[string]*Node, key string) (*Node, error) {
	if found := fields[key]; found != nil {
		return found, nil
	}
	return nil, n.Errorf("`%s` is missing", key)
}

// IsList tells whether this is a list.
func (n *Node) IsList() bool {
	return n.node.Kind == yaml.SequenceNode
}

// IsText tells whether this is a text.
func (n *Node) IsText() bool {
	return n.node.Kind == yaml.ScalarNode
}

// Items are those of a list.
func (n *Node) Items() ([]*Node, error) {
	if !n.IsList() {
		return nil, n.Errorf("expected: a list")
	}
	var items []*Node
	for _, item := range n.node.Content {
		items = append(items, &Node{n.file, item})
	}
	return items, nil
}

// OneOrMore are the items of a list, or what stands in its place.
func (n *Node) OneOrMore() ([]*Node, error) {
	if n.IsList() {
		return n.Items()
	}
	return []*Node{n}, nil
}

// Text is one that is not blank.
func (n *Node) Text() (string, error) {
	if n.node.Kind != yaml.ScalarNode || n.node.Anchor != "" || strings.TrimSpace(n.node.Value) == "" {
		return "", n.Errorf("expected: a text")
	}
	return n.node.Value, nil
}

// Texts are one or more texts, none twice.
func (n *Node) Texts() ([]string, error) {
	items, err := n.OneOrMore()
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, item := range items {
		text, err := item.Text()
		if err != nil {
			return nil, err
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 {
		return nil, n.Errorf("expected: at least one text")
	}
	return texts, nil
}

// Matching is a text that fits.
func (n *Node) Matching(fits func(string) bool, expected string) (string, error) {
	text, err := n.Text()
	if err == nil && !fits(text) {
		return "", n.Errorf("`%s` (expected: %s)", Shown(text), expected)
	}
	return text, err
}

// Number is a whole one within bounds, both inclusive.
func (n *Node) Number(low, high int) (int, error) {
	text, err := n.Text()
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < low || number > high {
		return 0, n.Errorf("`%s` (expected: %d..%d)", Shown(text), low, high)
	}
	return number, nil
}

// Flag is true or false.
func (n *Node) Flag() (bool, error) {
	text, err := n.Matching(func(text string) bool { return text == "true" || text == "false" }, "true or false")
	return text == "true", err
}

// Shown is a part of a value that an error may have in it.
func Shown(value string) string {
	if runes := []rune(value); len(runes) > echoMax {
		value = string(runes[:echoMax]) + "..."
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case r == '`':
			return '?'
		default:
			return r
		}
	}, value)
}
