package dev.modelgate.client.cli;

import static dev.modelgate.client.cli.CliBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** preview: before each command that changes something, what is sent and what is shown. */
final class PreviewCommandTest {
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
  void preview_ofAShare_showsAllPages() throws Exception {
    Run run = bed.admin("preview", "share", FRAUD, "--with", "user:ben@acme.com");
    assertEquals(
        new Run(
            0,
            """
            PRINCIPAL          RESOURCE                         FROM                  UNTIL                 GAINS        LOSES  CONDITIONAL
            user:ben@acme.com  organizations/acme/models/fraud  1970-01-01T00:00:09Z  1970-01-01T00:00:19Z  get,predict
            user:cleo          organizations/acme               now                                                      get    use:allow>conditional(device)
            """,
            ""),
        run);
    assertEquals("more", preview(1).getPageToken());
  }

  @Test
  void preview_json_isTheAnswer() throws Exception {
    Run run = bed.admin("preview", "revoke", FRAUD, "--from", "group:risk", "--output", "json");
    assertEquals(0, run.exitCode());
    assertEquals("", run.err());
    assertTrue(run.out().contains("\"complete\": true"), run.out());
    assertTrue(run.out().contains("\"gainedActions\": [\"get\", \"predict\"]"), run.out());
  }

  /** Sent are the fields of the command itself; a request id only if one is given. */
  @Test
  void preview_ofEachCommand_sendsItsRequestAndNothingElse() throws Exception {
    Path policy = Files.writeString(data.resolve("policy.json"), "{\"etag\":\"e\"}");
    Path profile = Files.writeString(data.resolve("profile.yaml"), RecordingAdmin.DOCUMENT);
    String acme = "organizations/acme";
    List<String> lines =
        List.of(
            "share " + FRAUD + " --with user:ben@acme.com",
            "revoke " + FRAUD + " --from group:risk",
            "policy set " + FRAUD + " --file " + policy,
            "profile put " + acme + " --file " + profile,
            "rights set "
                + acme
                + " --principal user:ben --kind model --role user --effect allows --depth organization",
            "rights remove " + acme + " --principal user:ben --kind model",
            "deny-rule put "
                + acme
                + " no --principal user:ben --permission get --resource "
                + acme,
            "deny-rule delete " + acme + " no",
            "link put " + FRAUD + " partner",
            "link delete " + FRAUD + " partner",
            "principal restore " + acme + " user:eve --uid 5",
            "suspend --resource " + FRAUD,
            "resume --resource " + FRAUD);
    for (String line : lines) {
      bed.admin.requests.clear();
      Run previewed = bed.admin(("preview " + line).split(" "));
      assertEquals(0, previewed.exitCode(), line + previewed.err());
      List<Message> sent = List.copyOf(bed.admin.requests);
      assertTrue(sent.stream().allMatch(PreviewRequest.class::isInstance), sent::toString);
      bed.admin.requests.clear();
      assertEquals(0, bed.admin((line + " --request-id r").split(" ")).exitCode(), line);
      Message committed = bed.admin.requests.get(0);
      Message expected =
          committed.toBuilder()
              .clearField(committed.getDescriptorForType().findFieldByNumber(100))
              .build();
      PreviewRequest first = (PreviewRequest) sent.get(0);
      FieldDescriptor which =
          first.getOneofFieldDescriptor(first.getDescriptorForType().getOneofs().get(0));
      assertEquals(expected, first.getField(which), line);
    }
    var previewed = new TreeSet<>(lines.stream().map(PreviewCommandTest::name).toList());
    previewed.add("break-glass"); // Nobody rehearses an emergency.
    assertEquals(mutating(), previewed);
  }

  @Test
  void preview_withOptionsOfItsOwn_takesThemFirst() throws Exception {
    String[] args =
        ("preview --limit 1 --context {\"device\":{}} share "
                + FRAUD
                + " --with user:b --request-id r")
            .split(" ");
    Run run = bed.admin(args);
    assertEquals("more than 1 changes; see --limit\n", run.err());
    assertEquals(1, preview(0).getPageSize());
    assertTrue(preview(0).getContext().containsFields("device"));
    UpdateGrantsRequest mutation = preview(0).getUpdateGrants();
    assertEquals("r", mutation.getRequestId());
  }

  @Test
  void preview_ofWhatIsRefused_failsAsItWould() throws Exception {
    bed.admin.failures.add(CliBed.invalid());
    Run previewed = bed.admin("preview", "revoke", FRAUD, "--from", "x");
    bed.admin.failures.add(CliBed.invalid());
    assertEquals(bed.admin("revoke", FRAUD, "--from", "x"), previewed);
    assertEquals(2, previewed.exitCode());
  }

  @Test
  void preview_ofNothing_isAUsageError() throws Exception {
    Run run = bed.run("preview");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("expected: deny-rule, "), run.err());
    assertEquals(2, bed.admin("preview", "grants", FRAUD).exitCode());
  }

  private PreviewRequest preview(int index) {
    return (PreviewRequest) bed.admin.requests.get(index);
  }

  /** The names in a command line that say which command it is. */
  private static String name(String line) {
    return Arrays.stream(line.split(" "))
        .takeWhile(word -> word.matches("[a-z-]+") && !word.startsWith("--"))
        .reduce((first, second) -> first + " " + second)
        .orElseThrow();
  }

  /** Every command that takes the options of mutations, but import, which is many of them. */
  private static Set<String> mutating() {
    Set<String> names = new TreeSet<>();
    CommandLine top = ModelgateCli.newCommandLine();
    collect(top, "", names);
    names.removeIf(name -> name.startsWith("preview "));
    names.remove("import");
    return names;
  }

  private static void collect(CommandLine command, String name, Set<String> names) {
    if (command.getCommandSpec().findOption("--request-id") != null) {
      names.add(name);
    }
    command
        .getSubcommands()
        .forEach((word, below) -> collect(below, name.isEmpty() ? word : name + " " + word, names));
  }
}
