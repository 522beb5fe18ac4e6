package rules

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// jsonDepthMax is how deep arrays and objects may be nested.
	jsonDepthMax = 64
	jsonStepsMax = 16
)

var jsonPart = regexp.MustCompile(`^([A-Za-z0-9_-]{1,64})((?:\[\])*)$`)

// JSONPath is the way to a text in a JSON document: keys, and "" for each element of an array.
type JSONPath []string

const each = ""

func parseJSONPath(text string) (JSONPath, error) {
	var path JSONPath
	for part := range strings.SplitSeq(text, ".") {
		match := jsonPart.FindStringSubmatch(part)
		if match == nil {
			return nil, errors.New("no path of keys")
		}
		path = append(path, match[1])
		for range len(match[2]) / 2 {
			path = append(path, each)
		}
	}
	if len(path) > jsonStepsMax {
		return nil, errors.New("too long")
	}
	return path, nil
}

// String is the path as documents have it, such as data[].id.
func (p JSONPath) String() string {
	var text strings.Builder
	for i, step := range p {
		switch {
		case step == each:
			text.WriteString("[]")
		case i > 0:
			text.WriteString("." + step)
		default:
			text.WriteString(step)
		}
	}
	return text.String()
}

// Many tells whether the path leads through an array.
func (p JSONPath) Many() bool {
	for _, step := range p {
		if step == each {
			return true
		}
	}
	return false
}

// found is what stands at a path of a document.
type found struct {
	texts []string
	// missing: an object on the way lacks the next key.
	missing bool
}

// readJSON reads the texts at one path of a JSON document, strictly, to its end (hazard 37).
//
// Invariant: what it tells is what every JSON parser reads at that path, or the document is refused. On the way a key
// stands once, and no other in its object differs from it by case alone, for some parsers keep the first, some the last,
// and some match without regard to case.
func readJSON(body []byte, path JSONPath) (found, error) {
	if !utf8.Valid(body) {
		return found{}, malformedf("a body that is not UTF-8")
	}
	if !json.Valid(body) {
		return found{}, malformedf("a body that is no JSON")
	}
	w := &jsonWalker{text: body}
	if err := w.value(path, true, 1); err != nil {
		return found{}, err
	}
	return w.found, nil
}

// jsonWalker walks a document that is known to be valid.
type jsonWalker struct {
	text  []byte
	at    int
	found found
}

func (w *jsonWalker) value(path JSONPath, on bool, depth int) error {
	first := w.peek()
	if depth > jsonDepthMax && (first == '{' || first == '[') {
		return malformedf("a body that is nested deeper than %d", jsonDepthMax)
	}
	switch {
	case on && len(path) == 0:
		if first != '"' {
			return malformedf("a body whose model is no text")
		}
		text, err := w.decoded()
		if err != nil {
			return err
		}
		w.found.texts = append(w.found.texts, text)
		return nil
	case on && path[0] == each && first != '[', on && path[0] != each && first != '{':
		return malformedf("a body of another shape than the path of the model")
	}
	switch first {
	case '{':
		return w.object(path, on, depth)
	case '[':
		return w.array(path, on, depth)
	case '"':
		w.raw()
	default:
		w.literal()
	}
	return nil
}

// object reads an object, the value of the path's key by the rest of the path.
func (w *jsonWalker) object(path JSONPath, on bool, depth int) error {
	w.at++
	seen := false
	for w.peek() != '}' {
		var rest JSONPath
		fits := false
		if on {
			key, err := w.key()
			if err != nil {
				return err
			}
			fits = key == path[0]
			if (seen || !fits) && equalFold(key, path[0]) {
				return malformedf("a body with a key of the model twice, or in another case")
			}
			seen = seen || fits
			rest = path[1:]
		} else {
			w.raw()
		}
		w.peek()
		w.at++ // The colon.
		if err := w.value(rest, fits, depth+1); err != nil {
			return err
		}
		if w.peek() == ',' {
			w.at++
		}
	}
	w.at++
	w.found.missing = w.found.missing || on && !seen
	return nil
}

func (w *jsonWalker) array(path JSONPath, on bool, depth int) error {
	w.at++
	var rest JSONPath
	if on {
		rest = path[1:]
	}
	for w.peek() != ']' {
		if err := w.value(rest, on, depth+1); err != nil {
			return err
		}
		if w.peek() == ',' {
			w.at++
		}
	}
	w.at++
	return nil
}

// peek is the character that the next token begins with.
func (w *jsonWalker) peek() byte {
	for w.text[w.at] == ' ' || w.text[w.at] == '\t' || w.text[w.at] == '\n' || w.text[w.at] == '\r' {
		w.at++
	}
	return w.text[w.at]
}

// raw reads a string as it stands, quotes included.
func (w *jsonWalker) raw() []byte {
	begin := w.at
	for w.at++; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
	return w.text[begin:w.at]
}

// key reads a key. Half a surrogate pair in one makes it another key than the path's, whatever a parser makes of it.
func (w *jsonWalker) key() (string, error) {
	w.peek()
	var key string
	if err := json.Unmarshal(w.raw(), &key); err != nil {
		return "", malformedf("a body that is no JSON")
	}
	return key, nil
}

// decoded reads a string that must be Unicode: half a surrogate pair would become another character.
func (w *jsonWalker) decoded() (string, error) {
	raw := w.raw()
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", malformedf("a body that is no JSON")
	}
	replaced := strings.Count(text, "\uFFFD")
	if replaced > 0 && replaced != strings.Count(string(raw), "\uFFFD")+countEscaped(raw, "fffd") {
		return "", malformedf("a body whose model has half a surrogate pair")
	}
	return text, nil
}

// countEscaped counts the escapes of one character that stands in four lower-case hexadecimal digits.
func countEscaped(raw []byte, digits string) int {
	count := 0
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if raw[i+1] == 'u' && strings.EqualFold(string(raw[i+2:i+6]), digits) {
			count++
		}
		i++
	}
	return count
}

func (w *jsonWalker) literal() {
	for w.at < len(w.text) && !strings.ContainsRune(",]} \t\n\r", rune(w.text[w.at])) {
		w.at++
	}
}

// equalFold tells whether any parser that matches keys without regard to case may take one for the other.
func equalFold(one, other string) bool {
	if strings.EqualFold(one, other) {
		return true
	}
	a, b := []rune(one), []rune(other)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		upperA, upperB := unicode.ToUpper(a[i]), unicode.ToUpper(b[i])
		if upperA != upperB && unicode.ToLower(upperA) != unicode.ToLower(upperB) {
			return false
		}
	}
	return true
}
