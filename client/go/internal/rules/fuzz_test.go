package rules

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const fuzzDocument = `
parent: organizations/acme
protocols: openai
grpc:
  fuzz.Service:
    Plain: {action: predict, model: 1, version: 2}
    Deep: {action: predict, model: 1.1, version: 1.2.1, version-type: int64, label: 1.4}
    Many: {action: predict, model: "1[].1.1", version: "1[].1.2.1", version-type: int64, label: "1[].1.4"}
`

// fuzzTypes are the messages of those methods, as TensorFlow Serving has them.
var fuzzTypes = func() map[string]protoreflect.MessageDescriptor {
	const text, number, message = descriptorpb.FieldDescriptorProto_TYPE_STRING,
		descriptorpb.FieldDescriptorProto_TYPE_INT64, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	field := func(name string, at int32, kind descriptorpb.FieldDescriptorProto_Type, of string) *descriptorpb.FieldDescriptorProto {
		made := &descriptorpb.FieldDescriptorProto{Name: proto.String(name), Number: proto.Int32(at), Type: kind.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), JsonName: proto.String(name)}
		if of != "" {
			made.TypeName = proto.String(".fuzz." + of)
		}
		return made
	}
	repeated := field("deep", 1, message, "Deep")
	repeated.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	version, label := field("version", 2, message, "Number"), field("label", 4, text, "")
	version.OneofIndex, label.OneofIndex = proto.Int32(0), proto.Int32(0)
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("fuzz.proto"), Package: proto.String("fuzz"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("Plain"), Field: []*descriptorpb.FieldDescriptorProto{
				field("model", 1, text, ""), field("version", 2, text, "")}},
			{Name: proto.String("Number"), Field: []*descriptorpb.FieldDescriptorProto{field("value", 1, number, "")}},
			{Name: proto.String("Spec"), Field: []*descriptorpb.FieldDescriptorProto{
				field("name", 1, text, ""), version, label},
				OneofDecl: []*descriptorpb.OneofDescriptorProto{{Name: proto.String("choice")}}},
			{Name: proto.String("Deep"), Field: []*descriptorpb.FieldDescriptorProto{field("spec", 1, message, "Spec")}},
			{Name: proto.String("Many"), Field: []*descriptorpb.FieldDescriptorProto{repeated}},
		},
	}, nil)
	if err != nil {
		panic(err)
	}
	types := map[string]protoreflect.MessageDescriptor{}
	for _, name := range []protoreflect.Name{"Plain", "Deep", "Many"} {
		types[string(name)] = file.Messages().ByName(name)
	}
	return types
}()

// agree tells whether the scan and a parser read the same from the same bytes, where neither refuses them: the parser's
// reading is what a handler gets.
func agree(rules *Protection, message []byte) error {
	for name, descriptor := range fuzzTypes {
		method := rules.Method("fuzz.Service/" + name)
		scanned := method.Scan(message)
		parsed := dynamicpb.NewMessage(descriptor)
		if scanned.Kind == Malformed || proto.Unmarshal(message, parsed) != nil {
			continue
		}
		if read := method.Read(parsed); read.String() != scanned.String() {
			return fmt.Errorf("%s: scanned %v, parsed %v", name, scanned, read)
		}
	}
	return nil
}

// FuzzScan: hazard 36. `go test -fuzz FuzzScan ./internal/rules`.
func FuzzScan(f *testing.F) {
	rules := protection(f, fuzzDocument)
	for _, test := range readVectors(f).GRPC {
		message, err := hex.DecodeString(test.Message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		if err := agree(rules, message); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzJSON: hazard 37. What is read is what a parser that keeps the last of several keys reads.
func FuzzJSON(f *testing.F) {
	for _, test := range readVectors(f).HTTP {
		if test.Body != nil {
			f.Add([]byte(*test.Body))
		}
	}
	f.Add([]byte(`{"model": "\ufffd�\ud83d\ude00"}`))
	f.Add([]byte(`{"model": "\ud800"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := readJSON(body, JSONPath{"model"})
		if err != nil {
			return
		}
		var parsed map[string]any
		if err := json.Unmarshal(body, &parsed); err != nil {
			t.Fatalf("read %q, and yet: %v", found.texts, err)
		}
		text, is := parsed["model"].(string)
		if is != (len(found.texts) == 1) || is && (text != found.texts[0] || !utf8.ValidString(text)) || is == found.missing {
			t.Fatalf("read %+v, parsed %v", found, parsed["model"])
		}
	})
}

// FuzzPath: hazard 37. No path that is read can be another one once it is decoded.
func FuzzPath(f *testing.F) {
	for _, target := range []string{"/", "/v2/models/a%20b/infer", "/a/%2e%2e", "/a//b", "/a%2fb", "/%c3%a4", "/a;b", "/x?y#z"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path, err := parseRawPath(target)
		if err != nil {
			return
		}
		for i, segment := range path.decoded {
			last := i == len(path.decoded)-1
			if segment == "." || segment == ".." || segment == "" && !last || !utf8.ValidString(segment) {
				t.Fatalf("%q: %q", target, path.decoded)
			}
			for _, r := range segment {
				if r == '/' || r == '\\' || r < ' ' || r == 0x7f {
					t.Fatalf("%q: %q", target, path.decoded)
				}
			}
		}
	})
}
