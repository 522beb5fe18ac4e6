// Command stubs makes the Go stubs of the contract. It compiles the protos itself, so that neither protoc nor anything
// else but Go has to be installed, and hands them to the plugins that tools/go.mod pins.
//
// Usage: stubs PROTO-DIR OUT-DIR PLUGIN...
package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const modulePath = "modelgate.dev/client/go"

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: stubs PROTO-DIR OUT-DIR PLUGIN...")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "stubs:", err)
		os.Exit(1)
	}
}

func generate(protos, out string, plugins []string) error {
	files, err := find(protos)
	if err != nil {
		return err
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{protos}}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	compiled, err := compiler.Compile(context.Background(), files...)
	if err != nil {
		return err
	}
	request := &pluginpb.CodeGeneratorRequest{
		FileToGenerate: files,
		Parameter:      proto.String("module=" + modulePath),
	}
	seen := map[string]bool{}
	for _, file := range compiled {
		request.ProtoFile = withImports(request.ProtoFile, file, seen)
	}
	input, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return err
	}
	for _, plugin := range plugins {
		if err := run(plugin, input, out); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(plugin), err)
		}
	}
	return nil
}

// find lists the protos below a directory by their path from there, sorted.
func find(root string) ([]string, error) {
	var files []string
	err := fs.WalkDir(os.DirFS(root), "modelgate", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".proto") {
			files = append(files, path)
		}
		return err
	})
	slices.Sort(files)
	return files, err
}

// withImports appends a file after all that it imports, each once.
func withImports(
	files []*descriptorpb.FileDescriptorProto, file protoreflect.FileDescriptor, seen map[string]bool,
) []*descriptorpb.FileDescriptorProto {
	if seen[file.Path()] {
		return files
	}
	seen[file.Path()] = true
	imports := file.Imports()
	for i := range imports.Len() {
		files = withImports(files, imports.Get(i).FileDescriptor, seen)
	}
	return append(files, protodesc.ToFileDescriptorProto(file))
}

func run(plugin string, input []byte, out string) error {
	command := exec.Command(plugin)
	command.Stdin = bytes.NewReader(input)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return err
	}
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(output, response); err != nil {
		return err
	}
	if response.Error != nil {
		return fmt.Errorf("%s", response.GetError())
	}
	for _, file := range response.GetFile() {
		path := filepath.Join(out, filepath.FromSlash(file.GetName()))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(file.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
