package rules

import (
	"errors"
	"regexp"
	"strings"
)

var (
	requestLine     = regexp.MustCompile(`^([A-Z]{1,16}) (/\S*)$`)
	literalSegment  = regexp.MustCompile(`^[A-Za-z0-9._~!$&'()*+,=:@-]+$`)
	variableSegment = regexp.MustCompile(`^\{(model|version|label)\}(:[A-Za-z0-9._~-]+)?$`)
)

// httpSegment is a text as it stands in the request, or a variable up to a suffix that begins with a colon.
type httpSegment struct {
	literal, variable, suffix string
}

// httpPattern is the request of a rule: POST /v1/models/{model}:predict.
type httpPattern struct {
	text     string
	method   string
	segments []httpSegment
}

func parseHTTPPattern(text string) (*httpPattern, error) {
	wrong := errors.New("no request")
	match := requestLine.FindStringSubmatch(text)
	if match == nil {
		return nil, wrong
	}
	pattern := &httpPattern{text: text, method: match[1]}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(match[2][1:], "/") {
		if match[2] == "/" {
			break
		}
		if variable := variableSegment.FindStringSubmatch(part); variable != nil {
			if seen[variable[1]] {
				return nil, wrong
			}
			seen[variable[1]] = true
			pattern.segments = append(pattern.segments, httpSegment{variable: variable[1], suffix: variable[2]})
			continue
		}
		if !literalSegment.MatchString(part) || part == "." || part == ".." {
			return nil, wrong
		}
		pattern.segments = append(pattern.segments, httpSegment{literal: part})
	}
	if seen["version"] && seen["label"] || len(seen) > 0 && !seen["model"] {
		return nil, wrong
	}
	return pattern, nil
}

// namesModel tells whether the path names a model.
func (p *httpPattern) namesModel() bool {
	for _, segment := range p.segments {
		if segment.variable != "" {
			return true
		}
	}
	return false
}

// shape tells patterns apart that match the same requests: equal shapes do. The more particular sorts first.
func (p *httpPattern) shape() string {
	var shape strings.Builder
	shape.WriteString(p.method)
	for _, segment := range p.segments {
		switch {
		case segment.literal != "":
			shape.WriteString("/0 " + segment.literal)
		case segment.suffix != "":
			shape.WriteString("/1 " + segment.suffix)
		default:
			shape.WriteString("/2")
		}
	}
	return shape.String()
}

// matches tells whether a path of as many segments does.
func (p *httpPattern) matches(path []string) bool {
	for i, segment := range p.segments {
		part := path[i]
		var fits bool
		switch {
		case segment.literal != "":
			fits = part == segment.literal
		case segment.suffix != "":
			end := len(part) - len(segment.suffix)
			fits = end > 0 && strings.HasSuffix(part, segment.suffix) && strings.IndexByte(part, ':') == end
		default:
			fits = part != ""
		}
		if !fits {
			return false
		}
	}
	return true
}

// value is what a variable stands for in the decoded form of a path that matches; empty when there is none such.
func (p *httpPattern) value(variable string, decoded []string) string {
	for i, segment := range p.segments {
		if segment.variable == variable {
			return strings.TrimSuffix(decoded[i], segment.suffix)
		}
	}
	return ""
}
