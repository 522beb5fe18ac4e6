package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// segmentBytesMax is the longest name of a model or version, in bytes as a resource has it.
	segmentBytesMax = 256
	digitsMax       = 19

	plainPunctuation = "-._~!$&'()*+,;=:@"
	upperHex         = "0123456789ABCDEF"
)

type versionMode int

const (
	versionsChecked versionMode = iota
	versionsIgnored
	versionsNumeric
)

// names maps the names of models and versions in requests to names of resources.
//
// The mapping is injective (hazard 14): a name becomes one RFC 3986 segment in the one form that the sidecar takes, so
// meta-llama/Llama-3-8B is meta-llama%2FLlama-3-8B. A version that a server may read as the same number as another is
// refused.
type names struct {
	models string
	mode   versionMode
}

// resource is the one behind a model and, unless it is empty, a version of it.
func (n *names) resource(model, version string) (string, error) {
	id, err := segment(model)
	if err != nil {
		return "", err
	}
	if version == "" || n.mode == versionsIgnored {
		return n.models + id, nil
	}
	if err := n.requirePlain(version); err != nil {
		return "", err
	}
	versionID, err := segment(version)
	if err != nil {
		return "", err
	}
	return n.models + id + "/versions/" + versionID, nil
}

// requirePlain refuses what servers read as another version: 03, +3 and " 3" as 3.
func (n *names) requirePlain(version string) error {
	first := version[0]
	padded := first == '0' && len(version) > 1 && isDigit(version[1])
	if first == '+' || first == '-' || padded || strings.ContainsFunc(version, isBlank) {
		return malformedf("a version with white space, a sign or leading zeros")
	}
	if n.mode == versionsNumeric {
		digits := len(version) <= digitsMax
		for i := 0; i < len(version); i++ {
			digits = digits && isDigit(version[i])
		}
		if !digits {
			return malformedf("a version that is no number")
		}
	}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Z) || unicode.IsControl(r)
}

// segment is the RFC 3986 segment of a name, in normal form.
func segment(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", malformedf("a name that is not UTF-8")
	}
	var text strings.Builder
	for i := 0; i < len(name); i++ {
		if c := name[i]; isPlain(c) {
			text.WriteByte(c)
		} else {
			text.WriteByte('%')
			text.WriteByte(upperHex[c>>4])
			text.WriteByte(upperHex[c&0xf])
		}
	}
	id := text.String()
	if len(id) > segmentBytesMax || id == "." || id == ".." {
		return "", malformedf("a name of more than %d encoded bytes, or of dots alone", segmentBytesMax)
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return "", malformedf("a name with a control character")
	}
	return id, nil
}

func isPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || strings.IndexByte(plainPunctuation, c) >= 0
}
