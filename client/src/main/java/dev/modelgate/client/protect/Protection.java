package dev.modelgate.client.protect;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A protection document, ready for use: what each request to a prediction server asks for. All ways
 * of protecting a server read the same document; docs/protect.md describes it.
 *
 * <p>What no rule matches is {@link Outcome.Unmapped}, but for the standard gRPC health service,
 * which is open. Immutable and free of input and output once it is read.
 */
public final class Protection {
  /** The largest document, in bytes. */
  public static final int DOCUMENT_BYTES_MAX = 1 << 20;

  /** How much of a body a way reads unless told otherwise, in bytes. */
  public static final int BODY_BYTES_DEFAULT = 1 << 20;

  private static final String HEALTH = "grpc.health.v1.Health/";

  private final String parent;
  private final ResourceNames names;
  private final Map<String, MethodRule> grpc;
  private final HttpRules http;
  private final List<HttpRule> httpRules;
  private final PrincipalRules principals;

  Protection(
      String parent,
      ResourceNames names,
      Map<String, MethodRule> grpc,
      List<HttpRule> httpRules,
      PrincipalRules principals) {
    this.parent = parent;
    this.names = names;
    this.grpc = Map.copyOf(grpc);
    this.http = new HttpRules(httpRules, names);
    this.httpRules = List.copyOf(httpRules);
    this.principals = principals;
  }

  /**
   * Reads a document from a file of at most {@value #DOCUMENT_BYTES_MAX} bytes of UTF-8. Blocks.
   *
   * @throws ProtectionException when it cannot be read, or is wrong: one line with the place, the
   *     value and what was expected
   */
  public static Protection read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(DOCUMENT_BYTES_MAX + 1);
      if (bytes.length > DOCUMENT_BYTES_MAX) {
        throw new ProtectionException(file + ": is larger than " + DOCUMENT_BYTES_MAX + " bytes");
      }
      return parse(
          file.toString(),
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new ProtectionException(file + ": is not UTF-8");
    } catch (IOException e) {
      throw new ProtectionException(file + ": cannot be read");
    }
  }

  /**
   * Reads a document.
   *
   * @param file what errors begin with
   * @throws ProtectionException when it is wrong: one line with the place, the value and what was
   *     expected
   */
  public static Protection parse(String file, String text) {
    return ProtectionReader.read(YamlNode.parse(file, text));
  }

  /** What every resource lies in, such as {@code organizations/acme}. */
  public String parent() {
    return parent;
  }

  /** Who asks, as the document has it; {@link Principals} proves it. */
  public PrincipalRules principals() {
    return principals;
  }

  /**
   * The rule of a gRPC method, of which each message is read; empty when its calls are to be
   * denied.
   *
   * @param fullMethod such as {@code inference.GRPCInferenceService/ModelInfer}
   */
  public Optional<MethodRule> method(String fullMethod) {
    MethodRule rule = grpc.get(fullMethod);
    if (rule == null && fullMethod.startsWith(HEALTH)) {
      return Optional.of(MethodRule.OPEN);
    }
    return Optional.ofNullable(rule);
  }

  /** What an HTTP request asks for by its head: NeedsBody when the rule reads the body. */
  public Outcome http(HttpRequest request) {
    return http.read(request, null);
  }

  /**
   * What an HTTP request asks for.
   *
   * @param body as it came
   * @param complete whether that is all of it; a rule that reads a body refuses a part of one
   */
  public Outcome http(HttpRequest request, byte[] body, boolean complete) {
    Outcome byHead = http.read(request, null);
    if (!(byHead instanceof Outcome.NeedsBody)) {
      return byHead;
    }
    return complete
        ? http.read(request, body)
        : new Outcome.Malformed("a body of which only a part was read");
  }

  /** The rules that read the body, by their {@code request}. */
  public List<String> httpRulesOfTheBody() {
    return httpRules.stream()
        .filter(HttpRule::needsBody)
        .map(rule -> rule.pattern().method() + " " + rule.pattern().shape())
        .toList();
  }

  /**
   * The rules that read the body or filter the response, by their {@code request}: for ways that
   * can do neither, to say so at start.
   */
  public List<String> httpRulesBeyondTheHead() {
    return httpRules.stream()
        .filter(rule -> rule.needsBody() || rule.ask() instanceof HttpRule.Ask.Listed)
        .map(rule -> rule.pattern().text())
        .toList();
  }

  /** The resource of a model by the name that requests have for it; empty when it can be none. */
  public Optional<String> resource(String model) {
    return names.model(model);
  }
}
