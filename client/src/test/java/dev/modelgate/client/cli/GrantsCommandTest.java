package dev.modelgate.client.cli;

import static dev.modelgate.client.cli.CliBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.ListGrantsRequest;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GrantsCommandTest {
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
  void grants_severalPages_areOneTable() throws Exception {
    Run run = bed.admin("grants", FRAUD);
    assertEquals(
        """
        RESOURCE                         PRINCIPAL  GRANTS  FLAGS      FROM  UNTIL  CONDITION  NOTE
        organizations/acme/models/fraud  user:u0    user
        organizations/acme/models/fraud  user:u1    user    can_share
        organizations/acme/models/fraud  user:u2    user
        """,
        run.out());
    assertEquals("2", ((ListGrantsRequest) bed.admin.requests.get(1)).getPageToken());
  }

  @Test
  void grants_limit_stopsAndSaysSo() throws Exception {
    Run run = bed.admin("grants", FRAUD, "--limit", "1");
    assertEquals(2, run.out().lines().count());
    assertEquals("more than 1 grants; see --limit\n", run.err());
  }

  @Test
  void grants_json_namesEveryField() throws Exception {
    Run run = bed.admin("grants", FRAUD, "--limit", "1", "--output", "json");
    assertEquals("", run.err());
    Struct.Builder json = Struct.newBuilder();
    Json.parse(run.out(), json);
    assertEquals(Set.of("grants", "nextPageToken", "etag"), json.getFieldsMap().keySet());
    assertEquals("1", json.getFieldsOrThrow("nextPageToken").getStringValue());
    Struct grant = json.getFieldsOrThrow("grants").getListValue().getValues(0).getStructValue();
    // All that can be there; of what knows whether it is there, this grant has a role and no times.
    Set<String> names =
        Grant.getDescriptor().getFields().stream()
            .filter(field -> !field.hasPresence())
            .map(FieldDescriptor::getJsonName)
            .collect(Collectors.toCollection(TreeSet::new));
    names.add("role");
    assertEquals(names, grant.getFieldsMap().keySet());
    assertEquals("user:u0", grant.getFieldsOrThrow("principal").getStringValue());
    assertEquals(
        Value.newBuilder().setBoolValue(false).build(), grant.getFieldsOrThrow("canShare"));
  }
}
