package rules

import (
	"encoding/hex"
	"testing"
)

// What the vectors refuse for more than one reason is here refused for one alone.
func TestScan_oneThingWrong_isMalformed(t *testing.T) {
	rules := protection(t, fuzzDocument)
	for name, test := range map[string]struct{ method, message string }{
		"a number that would do as a length": {"Plain", "080161"},
		"eight bytes that begin as a text":   {"Plain", "0901610000000000000000"},
		"a tag above 32 bits":                {"Plain", "8a80808010056672617564"},
		"a version that is no varint":        {"Deep", "0a0b0a0566726175641202" + "0a00"},
	} {
		message, err := hex.DecodeString(test.message)
		if err != nil {
			t.Fatal(err)
		}
		got := rules.Method("fuzz.Service/" + test.method).Scan(message)
		if got.Kind != Malformed {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// A segment that names nothing is decoded as strictly as one that names a model.
func TestPath_labelThatIsNotUTF8_isMalformed(t *testing.T) {
	rules := protection(t, "parent: organizations/acme\nprotocols: tensorflow-serving\n")
	for target, expected := range map[string]Kind{
		"/v1/models/fraud/labels/stable": Ask,
		"/v1/models/fraud/labels/%ff":    Malformed,
	} {
		if got := rules.HTTP(HTTPRequest{Method: "GET", Target: target}); got.Kind != expected {
			t.Errorf("%s: got %v", target, got)
		}
	}
}
