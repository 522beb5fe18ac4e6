package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.ListDenyRulesRequest;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.ListResourcesResponse;
import dev.modelgate.v1.ListTypeRightsRequest;
import dev.modelgate.v1.Resource;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A page token shows nothing to whoever reads it, and does nothing for whoever makes one. */
final class PageTokenTest {
  private static final long SEED = 20261121;

  private final AdminPlane plane = new AdminPlane().withAcme();

  @AfterEach
  void end() {
    plane.close();
  }

  /** The last row looked at is a hidden one. */
  @Test
  void token_behindHiddenResources_doesNotNameThem() {
    String open = PROD + "/models/a";
    plane.resource(open);
    for (int i = 0; i < 3; i++) {
      plane.resource(PROD + "/models/b-hidden-" + i);
    }
    String last = PROD + "/models/c";
    plane.resource(last);
    plane.principal(BEN);
    plane.share(PROD, BEN, "runner");
    plane.share(open, BEN, "user");
    plane.share(last, BEN, "user");
    List<String> seen = new ArrayList<>();
    String token = "";
    do {
      ListResourcesResponse page =
          plane
              .as(BEN)
              .listResources(
                  ListResourcesRequest.newBuilder()
                      .setParent(PROD)
                      .setPageSize(1)
                      .setPageToken(token)
                      .build());
      page.getResourcesList().stream().map(Resource::getName).forEach(seen::add);
      token = page.getNextPageToken();
      String read = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.ISO_8859_1);
      assertFalse(read.contains("models"), read);
    } while (!token.isEmpty());
    assertEquals(List.of(open, last), seen);
  }

  /** Deleted in between, the row behind which to go on still has its place. */
  @Test
  void token_behindADeletedResource_goesOnThere() {
    plane.resource(PROD + "/models/a");
    ListResourcesRequest.Builder request =
        ListResourcesRequest.newBuilder().setParent(PROD).setPageSize(1);
    ListResourcesResponse first = plane.admin().listResources(request.build());
    assertEquals(PROD + "/models/a", first.getResources(0).getName());
    plane
        .admin()
        .deleteResource(DeleteResourceRequest.newBuilder().setName(PROD + "/models/a").build());
    ListResourcesResponse next =
        plane.admin().listResources(request.setPageToken(first.getNextPageToken()).build());
    assertEquals(FRAUD, next.getResources(0).getName());
  }

  /** The check of a token has no secret in it, so that anybody can make one with any position. */
  @Test
  void token_madeByTheCaller_isReadAsAPositionOrRefused() {
    Random random = new Random(SEED);
    plane.share(FRAUD, BEN, "user");
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] position = new byte[random.nextInt(24)];
      random.nextBytes(position);
      if (random.nextBoolean()) {
        Arrays.fill(position, (byte) (random.nextBoolean() ? 0xFF : random.nextInt(4)));
      }
      for (Consumer<byte[]> listing : listings()) {
        try {
          listing.accept(position);
        } catch (StatusRuntimeException e) {
          refused++;
          assertEquals(
              "PAGE_TOKEN_INVALID",
              Errors.of(e).info().getReason(),
              () -> "seed " + SEED + ": " + Arrays.toString(position) + ": " + e.getMessage());
        }
      }
    }
    assertTrue(refused > 400, "hardly anything is refused: " + refused);
  }

  private List<Consumer<byte[]>> listings() {
    return List.of(
        at ->
            plane
                .admin()
                .listGrants(
                    ListGrantsRequest.newBuilder()
                        .setResource(FRAUD)
                        .setPageToken(
                            forged(at, "ListGrants", "", "", "", "", "on", FRAUD, "false"))
                        .build()),
        at ->
            plane
                .admin()
                .listResources(
                    ListResourcesRequest.newBuilder()
                        .setParent(PROD)
                        .setPageToken(forged(at, "ListResources", PROD, "", "false"))
                        .build()),
        at ->
            plane
                .admin()
                .listPrincipals(
                    ListPrincipalsRequest.newBuilder()
                        .setOrganization(ACME)
                        .setPageToken(forged(at, "ListPrincipals", "", "", "", "false"))
                        .build()),
        at ->
            plane
                .admin()
                .listDenyRules(
                    ListDenyRulesRequest.newBuilder()
                        .setOrganization(ACME)
                        .setPageToken(forged(at, "ListDenyRules", "", ""))
                        .build()),
        at ->
            plane
                .admin()
                .listTypeRights(
                    ListTypeRightsRequest.newBuilder()
                        .setOrganization(ACME)
                        .setPageToken(forged(at, "ListTypeRights", "", ""))
                        .build()));
  }

  /** As the server makes them. */
  private String forged(byte[] position, String method, String... parameters) {
    OrgState org = plane.live.current().organization("acme").orElseThrow();
    ByteWriter scope =
        new ByteWriter(128)
            .fixed64(org.revision().lineage())
            .fixed64(org.uid().value())
            .text(method)
            .varint(parameters.length);
    List.of(parameters).forEach(scope::text);
    byte[] whole = new ByteWriter(256).bytes(scope.toBytes()).bytes(position).toBytes();
    byte[] check = Arrays.copyOf(Digest.sha256().digest(whole), 16);
    byte[] token = new ByteWriter(64).fixed8(1).raw(check).raw(position).toBytes();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }
}
