package dev.modelgate.client.cli;

import static dev.modelgate.client.cli.CliBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.ListProfilesRequest;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.SetPolicyRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** profile and policy: what they read, send and show. */
final class PolicyCommandsTest {
  private static final String ACME = "organizations/acme";

  @TempDir Path data;

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
  void profileGet_text_isTheDocument() throws Exception {
    assertEquals(new Run(0, RecordingAdmin.DOCUMENT, ""), bed.admin("profile", "get", ACME));
    bed.admin("profile", "get", ACME, "--profile-version", "3");
    GetProfileRequest request = (GetProfileRequest) bed.admin.requests.get(1);
    assertEquals(ACME, request.getOrganization());
    assertEquals(3, request.getVersion());
    Run json = bed.admin("profile", "get", "--built-in", "modelgate", "--output", "json");
    assertTrue(json.out().contains("\"document\": \"profile: x\\nkinds: []\\n\""), json.out());
    GetProfileRequest builtIn = (GetProfileRequest) bed.admin.requests.get(2);
    assertEquals("modelgate", builtIn.getBuiltIn());
    assertEquals("", builtIn.getOrganization());
  }

  @Test
  void profilePut_file_isSentAsItIs() throws Exception {
    Path file = Files.writeString(data.resolve("p.yaml"), "profile: \u00e4\n# comment\n");
    Run run =
        bed.admin(
            "profile",
            "put",
            ACME,
            "--file",
            file.toString(),
            "--etag",
            "e1",
            "--reason",
            "why",
            "--request-id",
            "id-1");
    assertEquals(new Run(0, "put organizations/acme/profiles/2 (x) at revision r7\n", ""), run);
    PutProfileRequest request = (PutProfileRequest) bed.admin.requests.get(0);
    assertEquals(ACME, request.getOrganization());
    assertEquals("profile: \u00e4\n# comment\n", request.getDocument());
    assertEquals("e1", request.getEtag());
    assertEquals("why", request.getReason());
    assertEquals("id-1", request.getRequestId());
  }

  @Test
  void profilePut_standardInputOrBuiltIn_isSent() throws Exception {
    bed.input("profile: y\n");
    assertEquals(0, bed.admin("profile", "put", ACME, "--file", "-").exitCode());
    assertEquals("profile: y\n", ((PutProfileRequest) bed.admin.requests.get(0)).getDocument());
    assertEquals(0, bed.admin("profile", "put", ACME, "--built-in", "datarobot").exitCode());
    assertEquals("datarobot", ((PutProfileRequest) bed.admin.requests.get(1)).getBuiltIn());
  }

  @Test
  void profilePut_fileThatIsNone_sendsNothing() throws Exception {
    Path large = Files.writeString(data.resolve("large"), "x".repeat(262_145));
    Path latin = Files.write(data.resolve("latin"), new byte[] {(byte) 0xe4, '\n'});
    assertFailure("is too large (expected: at most 262144 bytes)", put(large));
    assertFailure("is not UTF-8", put(latin));
    assertFailure("cannot read `", put(data.resolve("none")));
    assertEquals(List.of(), bed.admin.requests);
  }

  @Test
  void profileList_severalPages_areOneTable() throws Exception {
    Run run = bed.admin("profile", "list", ACME);
    assertEquals(
        """
        NAME                           PROFILE  HOLDS  CREATED               DIGEST  ETAG
        profiles/modelgate             x                                     d
        organizations/acme/profiles/2  x        yes    1970-01-01T00:00:09Z  d       e
        """,
        run.out());
    ListProfilesRequest second = (ListProfilesRequest) bed.admin.requests.get(1);
    assertEquals("2", second.getPageToken());
    assertEquals(ACME, second.getOrganization());
    Run one = bed.admin("profile", "list", "--limit", "1");
    assertEquals("more than 1 profiles; see --limit\n", one.err());
  }

  @Test
  void policySet_whatPolicyGetPrinted_sendsTheSame() throws Exception {
    Run get = bed.admin("policy", "get", FRAUD);
    assertEquals(0, get.exitCode());
    Path file = Files.writeString(data.resolve("policy.json"), get.out());
    Run run =
        bed.admin(
            "policy",
            "set",
            FRAUD,
            "--file",
            file.toString(),
            "--reason",
            "why",
            "--request-id",
            "id-1");
    assertEquals(new Run(0, "set the policy of " + FRAUD + " at revision r7\n", ""), run);
    SetPolicyRequest request = (SetPolicyRequest) bed.admin.requests.get(1);
    assertEquals(FRAUD, request.getResource());
    assertEquals(RecordingAdmin.POLICY, request.getPolicy());
    assertEquals("why", request.getReason());
    assertEquals("id-1", request.getRequestId());
  }

  @Test
  void policySet_fileThatIsNone_sendsNothing() throws Exception {
    for (String content : List.of("", " \n", "[]", "{\"bindings\":1}", "{\"members\":[]}")) {
      Path file = Files.writeString(data.resolve("policy.json"), content);
      assertFailure("`" + file + "` is ", bed.admin("policy", "set", FRAUD, "--file", "" + file));
    }
    assertEquals(List.of(), bed.admin.requests);
  }

  @Test
  void command_refused_exitsTwoAndNamesTheField() throws Exception {
    Path file = Files.writeString(data.resolve("f"), "{\"etag\":\"e\"}");
    for (String line :
        List.of(
            "profile get organizations/acme",
            "profile list",
            "profile put organizations/acme --file " + file,
            "policy get organizations/acme",
            "policy set organizations/acme --file " + file)) {
      bed.admin.failures.add(CliBed.invalid());
      assertFailure("field principal: expected a kind", bed.admin(line.split(" ")));
    }
    assertEquals(5, bed.admin.requests.size());
  }

  @Test
  void command_usageErrors_sendNothing() throws Exception {
    assertFailure("expected: ORGANIZATION, or --built-in", bed.admin("profile", "get"));
    assertFailure(
        "expected: ORGANIZATION, or --built-in",
        bed.admin("profile", "get", ACME, "--built-in", "x"));
    assertFailure("expected: --file or --built-in", bed.admin("profile", "put", ACME));
    assertFailure("--limit: `0`", bed.admin("profile", "list", "--limit", "0"));
    assertFailure("--file", bed.admin("policy", "set", FRAUD));
    assertFailure("RESOURCE", bed.admin("policy", "get"));
    assertFailure("missing command (expected: get, list, put)", bed.run("profile"));
    assertFailure("missing command (expected: get, set)", bed.run("policy"));
    assertEquals(List.of(), bed.admin.requests);
  }

  private Run put(Path file) throws Exception {
    return bed.admin("profile", "put", ACME, "--file", file.toString());
  }

  /** Nothing is printed as a result, and the error names what is wrong. */
  private static void assertFailure(String expected, Run run) {
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("error: ") && run.err().contains(expected), run.err());
  }
}
