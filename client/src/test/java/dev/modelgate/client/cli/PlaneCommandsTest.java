package dev.modelgate.client.cli;

import static dev.modelgate.client.cli.CliBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.ConditionalPrincipal;
import dev.modelgate.v1.ConditionalResource;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ExplainResponse;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupPrincipalsResponse;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.LookupResourcesResponse;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** lookup and explain: what they send to the data plane, and what they show. */
final class PlaneCommandsTest {
  private static final String RESOURCES = "lookup resources user:ana predict organizations/acme";
  private static final String PRINCIPALS = "lookup principals " + FRAUD + " predict";
  private static final String EXPLAIN = "explain user:ana " + FRAUD + " predict";

  @TempDir Path data;

  private final Plane plane = new Plane();
  private CliBed bed = new CliBed(Path.of("."));

  @BeforeEach
  void start() {
    bed = new CliBed(data);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void lookupResources_severalPages_areOneTable() throws Exception {
    Run run = ask(RESOURCES + " --kind model --context {\"a\":1} --on-behalf-of user:ben");
    assertEquals(
        new Run(
            0,
            """
            RESOURCE                         DECISION     MISSING
            organizations/acme/models/1      ALLOWED
            organizations/acme/models/2      ALLOWED
            organizations/acme/models/fraud  CONDITIONAL  context.a,context.b
            """,
            ""),
        run);
    LookupResourcesRequest second = (LookupResourcesRequest) plane.requests.get(1);
    assertEquals("2", second.getPageToken());
    assertEquals("user:ana", second.getPrincipal());
    assertEquals("predict", second.getAction());
    assertEquals("organizations/acme", second.getParent());
    assertEquals("model", second.getKind());
    assertEquals(1, second.getContext().getFieldsOrThrow("a").getNumberValue());
    assertEquals("Bearer secret", plane.header("authorization"));
    assertEquals("user:ben", plane.header("x-modelgate-on-behalf-of"));
  }

  @Test
  void lookupPrincipals_severalPages_areOneTable() throws Exception {
    Run run = ask(PRINCIPALS + " --expand-groups");
    assertEquals(
        new Run(
            0,
            """
            PRINCIPAL  DECISION     MISSING
            user:1     ALLOWED
            user:2     ALLOWED
            user:ana   CONDITIONAL  context.a
            """,
            ""),
        run);
    LookupPrincipalsRequest second = (LookupPrincipalsRequest) plane.requests.get(1);
    assertEquals(FRAUD, second.getResource());
    assertEquals("predict", second.getAction());
    assertTrue(second.getExpandGroups());
    assertEquals("2", second.getPageToken());
  }

  @Test
  void lookup_notComplete_saysSo() throws Exception {
    plane.complete = false;
    for (String line : List.of(RESOURCES, PRINCIPALS)) {
      Run run = ask(line);
      assertEquals(0, run.exitCode());
      assertTrue(run.err().startsWith("not complete: "), run.err());
      assertEquals("", ask(line + " --output json").err());
    }
  }

  @Test
  void lookup_limit_stopsAndSaysSo() throws Exception {
    assertEquals("more than 1 resources; see --limit\n", ask(RESOURCES + " --limit 1").err());
    assertEquals("more than 1 principals; see --limit\n", ask(PRINCIPALS + " --limit 1").err());
    assertEquals(2, plane.requests.size());
  }

  @Test
  void lookup_json_addsThePagesUp() throws Exception {
    for (String line : List.of(RESOURCES, PRINCIPALS)) {
      Struct.Builder json = Struct.newBuilder();
      Json.parse(ask(line + " --output json").out(), json);
      String list = line.equals(RESOURCES) ? "resources" : "principals";
      assertEquals(2, json.getFieldsOrThrow(list).getListValue().getValuesCount());
      assertTrue(json.getFieldsOrThrow("complete").getBoolValue());
      assertEquals("r2", json.getFieldsOrThrow("revision").getStringValue());
      // The second page's time, and none of the nanoseconds of the first one's.
      assertEquals("1970-01-01T00:00:05Z", json.getFieldsOrThrow("validUntil").getStringValue());
    }
  }

  @Test
  void explain_eachDecision_hasItsExitCode() throws Exception {
    plane.decision = Decision.DECISION_ALLOW;
    assertEquals(new Run(0, "DECIDED: so\n- why\uFFFD\n", ""), ask(EXPLAIN));
    plane.decision = Decision.DECISION_DENY;
    assertEquals(1, ask(EXPLAIN).exitCode());
    plane.decision = Decision.DECISION_CONDITIONAL;
    assertEquals(
        new Run(1, "DECIDED: so\n- why\uFFFD\nmissing attributes: context.a\n", ""), ask(EXPLAIN));
    plane.decision = Decision.DECISION_UNSPECIFIED;
    Run none = ask(EXPLAIN);
    assertEquals(2, none.exitCode());
    assertEquals("", none.out());
  }

  @Test
  void explain_json_isTheAnswer() throws Exception {
    Run run = ask(EXPLAIN + " --output json --context {\"a\":1}");
    Struct.Builder json = Struct.newBuilder();
    Json.parse(run.out(), json);
    assertEquals("DECISION_DENY", json.getFieldsOrThrow("decision").getStringValue());
    assertTrue(json.containsFields("steps"));
    ExplainRequest request = (ExplainRequest) plane.requests.get(0);
    assertEquals("user:ana", request.getPrincipal());
    assertEquals(FRAUD, request.getModel());
    assertEquals("predict", request.getAction());
    assertEquals(1, request.getContext().getFieldsOrThrow("a").getNumberValue());
    assertEquals("Bearer secret", plane.header("authorization"));
  }

  @Test
  void command_refused_exitsTwoAndNamesTheField() throws Exception {
    for (String line : List.of(RESOURCES, PRINCIPALS, EXPLAIN)) {
      plane.failures.add(CliBed.invalid());
      Run run = ask(line);
      assertEquals(2, run.exitCode());
      assertEquals("", run.out());
      assertEquals(
          """
          error: principal is malformed
          reason: INVALID_FIELD
          field principal: expected a kind
          """,
          run.err());
      plane.failures.add(Status.UNAVAILABLE.asRuntimeException());
      assertTrue(ask(line).err().contains("asked at 127.0.0.1:"));
    }
  }

  @Test
  void command_usageErrors_sendNothing() throws Exception {
    for (String line : List.of(RESOURCES, PRINCIPALS, EXPLAIN)) {
      assertUsage("--context: `[]`", ask(line + " --context []"));
      assertUsage("exclude each other", ask(line + " --socket x"));
      assertUsage("Missing required parameter", ask(line.substring(0, line.lastIndexOf(' '))));
    }
    assertUsage("--limit: `0`", ask(RESOURCES + " --limit 0"));
    assertUsage("missing command (expected: principals, resources)", bed.run("lookup"));
    assertEquals(List.of(), plane.requests);
  }

  @Test
  void command_withoutToken_sendsNothing() throws Exception {
    for (String line : List.of(RESOURCES, PRINCIPALS, EXPLAIN)) {
      Run run =
          bed.run(
              (line + " --data " + data + " --address " + bed.serve(plane.recording())).split(" "));
      assertUsage("no token", run);
    }
    assertEquals(List.of(), plane.requests);
  }

  private Run ask(String line) throws Exception {
    Files.writeString(data.resolve("admin.token"), "secret\n");
    return bed.run(
        (line + " --data " + data + " --address " + bed.serve(plane.recording())).split(" "));
  }

  private static void assertUsage(String expected, Run run) {
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("error: ") && run.err().contains(expected), run.err());
    assertFalse(run.err().contains("secret"), run.err());
  }

  /** Records requests and headers, fails as often as told, else answers with two pages. */
  private static final class Plane extends AuthorizationServiceImplBase {
    final List<Message> requests = new CopyOnWriteArrayList<>();
    final List<Metadata> headers = new CopyOnWriteArrayList<>();
    final Queue<Throwable> failures = new ArrayDeque<>();
    volatile boolean complete = true;
    volatile Decision decision = Decision.DECISION_DENY;

    BindableService recording() {
      AuthorizationServiceImplBase self = this;
      return new BindableService() {
        @Override
        public ServerServiceDefinition bindService() {
          return ServerInterceptors.intercept(
              self,
              new ServerInterceptor() {
                @Override
                public <A, B> ServerCall.Listener<A> interceptCall(
                    ServerCall<A, B> call, Metadata metadata, ServerCallHandler<A, B> next) {
                  headers.add(metadata);
                  return next.startCall(call, metadata);
                }
              });
        }
      };
    }

    String header(String name) {
      return String.valueOf(
          headers
              .get(headers.size() - 1)
              .get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
    }

    @Override
    public void lookupResources(
        LookupResourcesRequest request, StreamObserver<LookupResourcesResponse> observer) {
      boolean first = request.getPageToken().isEmpty();
      LookupResourcesResponse.Builder page =
          LookupResourcesResponse.newBuilder()
              .setRevision(first ? "r1" : "r2")
              .addResources("organizations/acme/models/" + (first ? "1" : "2"))
              .setNextPageToken(first ? "2" : "")
              .setComplete(!first && complete)
              .setValidUntil(until(first));
      if (!first) {
        page.addConditionalResources(
            ConditionalResource.newBuilder()
                .setResource(FRAUD)
                .addMissingAttributes("context.a")
                .addMissingAttributes("context.b"));
      }
      answer(request, page.build(), observer);
    }

    @Override
    public void lookupPrincipals(
        LookupPrincipalsRequest request, StreamObserver<LookupPrincipalsResponse> observer) {
      boolean first = request.getPageToken().isEmpty();
      LookupPrincipalsResponse.Builder page =
          LookupPrincipalsResponse.newBuilder()
              .setRevision(first ? "r1" : "r2")
              .addPrincipals("user:" + (first ? "1" : "2"))
              .setNextPageToken(first ? "2" : "")
              .setComplete(!first && complete)
              .setValidUntil(until(first));
      if (!first) {
        page.addConditionalPrincipals(
            ConditionalPrincipal.newBuilder()
                .setPrincipal("user:ana")
                .addMissingAttributes("context.a"));
      }
      answer(request, page.build(), observer);
    }

    @Override
    public void explain(ExplainRequest request, StreamObserver<ExplainResponse> observer) {
      answer(
          request,
          ExplainResponse.newBuilder()
              .setDecision(decision)
              .addMissingAttributes("context.a")
              .setText("DECIDED: so\n- why\u001b")
              .build(),
          observer);
    }

    private static Timestamp until(boolean first) {
      return first
          ? Timestamp.newBuilder().setSeconds(9).setNanos(7).build()
          : Timestamp.newBuilder().setSeconds(5).build();
    }

    private <T> void answer(Message request, T response, StreamObserver<T> observer) {
      requests.add(request);
      Throwable failure = failures.poll();
      if (failure != null) {
        observer.onError(failure);
        return;
      }
      observer.onNext(response);
      observer.onCompleted();
    }
  }
}
