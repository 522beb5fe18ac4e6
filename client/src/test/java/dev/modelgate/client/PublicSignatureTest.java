package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds that the API shows neither generated types nor gRPC, but for the interceptor and for a
 * channel of the caller's own.
 */
final class PublicSignatureTest {
  private static final String OWN_CHANNEL =
      "ModelgateClient$Builder.channel(io.grpc.ManagedChannel)";

  @Test
  void publicSignature_never_namesWireTypes() {
    List<String> leaks = new ArrayList<>();
    new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.modelgate.client")
            .stream()
            .filter(type -> !type.getPackageName().endsWith(".internal"))
            .map(type -> type.reflect())
            .filter(type -> Modifier.isPublic(type.getModifiers()))
            .forEach(
                type ->
                    signatures(type)
                        .filter(signature -> leaks(type, signature))
                        .forEach(leaks::add));
    assertEquals(List.of(), leaks);
  }

  private static boolean leaks(Class<?> type, String signature) {
    boolean mayShowGrpc =
        type.getPackageName().equals("dev.modelgate.client.grpc")
            || signature.endsWith(OWN_CHANNEL);
    return signature.contains("dev.modelgate.v1.")
        || signature.contains("dev.modelgate.client.internal.")
        || !mayShowGrpc && signature.contains("io.grpc.");
  }

  private static Stream<String> signatures(Class<?> type) {
    Stream<Executable> executables =
        Stream.concat(
            Arrays.stream(type.getDeclaredMethods()),
            Arrays.stream(type.getDeclaredConstructors()));
    Stream<String> methods =
        executables
            .filter(
                each ->
                    !each.isSynthetic()
                        && (Modifier.isPublic(each.getModifiers())
                            || Modifier.isProtected(each.getModifiers())))
            .map(Executable::toGenericString);
    Stream<String> fields =
        Arrays.stream(type.getDeclaredFields())
            .filter(each -> Modifier.isPublic(each.getModifiers()))
            .map(each -> each.toGenericString());
    return Stream.concat(methods, fields);
  }
}
