package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.LookupPage;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.ResourceQuery;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a lookup's pages: tokens, changes and boundaries between them, who may ask. */
final class LookupPageTest {
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final PrincipalName BEN = PrincipalName.parse("user:ben@acme.com");
  private static final PrincipalName CARL = PrincipalName.parse("user:carl@acme.com");
  private static final ResourceName ACME = ResourceName.parse("organizations/acme");
  private static final List<String> MODELS = List.of("a", "b", "c", "d");

  private final HandClock wall = new HandClock();
  private final Bed bed = new Bed(new MemoryReplica(Rows::check), new Stamps(), wall, 0);

  @BeforeEach
  void begin() {
    commit("system", new Command.RegisterOrganization("acme"));
    commit(
        "acme", new Command.InitializeOrganization("acme", "Acme", "modelgate", Optional.of(ANA)));
    MODELS.forEach(this::create);
    MODELS.forEach(id -> grant(model(id), BEN, "user", Micros.NEVER));
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void pages_withoutAChange_areComplete() {
    Lookup found = Lookup.all(1, page -> ask(ofBen(ACME), page));
    assertEquals(names("a", "b", "c", "d"), found.allowed());
    assertTrue(found.complete());
    assertTrue(found.pages() >= 4);
  }

  @Test
  void token_afterAChange_goesOnAndIsNotComplete() {
    LookupPage first = ask(ofBen(ACME), PageRequest.of(2, ""));
    assertEquals(names("a", "b"), first.allowed());
    revoke(model("a"), BEN);
    revoke(model("c"), BEN);
    LookupPage second = ask(ofBen(ACME), PageRequest.of(2, first.nextToken()));
    assertEquals(names("d"), second.allowed());
    assertFalse(second.complete(), "a is still on the first page");
    assertEquals("", second.nextToken());
    assertFalse(first.revision().equals(second.revision()));
  }

  @Test
  void token_behindADeletedResource_goesOn() {
    LookupPage first = ask(ofBen(ACME), PageRequest.of(2, ""));
    commit("acme", new Command.DeleteResource(model("b"), ""));
    bed.sweep();
    assertEquals(names("c"), ask(ofBen(ACME), PageRequest.of(1, first.nextToken())).allowed());
  }

  @Test
  void token_afterABoundary_isNotComplete() {
    long end = bed.nowMicros() + 1_000_000;
    grant(model("a"), CARL, "user", end);
    grant(model("b"), CARL, "user", Micros.NEVER);
    LookupPage first = ask(of(CARL, ACME), PageRequest.of(1, ""));
    assertEquals(names("a"), first.allowed());
    assertEquals(end, first.validUntilMicros());
    LookupPage inTime = ask(of(CARL, ACME), PageRequest.of(9, first.nextToken()));
    assertTrue(inTime.complete());
    assertEquals(end, inTime.validUntilMicros(), "of the pages before, too");
    wall.set(end);
    LookupPage late = ask(of(CARL, ACME), PageRequest.of(9, first.nextToken()));
    assertEquals(names("b"), late.allowed());
    assertFalse(late.complete());
  }

  @Test
  void token_withOtherParameters_isRefused() {
    String token = ask(ofBen(ACME), PageRequest.of(1, "")).nextToken();
    refusesToken(of(CARL, ACME), Requester.SYSTEM_ADMINISTRATOR, token);
    refusesToken(
        new ResourceQuery(BEN, "get", ACME, "", LookupContext.NONE),
        Requester.SYSTEM_ADMINISTRATOR,
        token);
    refusesToken(
        new ResourceQuery(BEN, "predict", ACME, "model", LookupContext.NONE),
        Requester.SYSTEM_ADMINISTRATOR,
        token);
    refusesToken(
        new ResourceQuery(BEN, "predict", ACME, "", new LookupContext(Map::of, "other")),
        Requester.SYSTEM_ADMINISTRATOR,
        token);
    refusesToken(ofBen(ACME), Requester.onBehalfOf(BEN), token);
    refusesToken(ofBen(ACME), Requester.SYSTEM_ADMINISTRATOR, token.substring(1) + "A");
    refusesToken(ofBen(ACME), Requester.SYSTEM_ADMINISTRATOR, "AQ");
  }

  @Test
  void principal_looksItselfUp_withoutAnyOtherRight() {
    LookupPage own = bed.lookups().resources(ofBen(ACME), Requester.onBehalfOf(BEN), all());
    assertEquals(names("a", "b", "c", "d"), own.allowed());
    assertTrue(own.complete());
    assertEquals(
        List.of(),
        bed.lookups()
            .resources(ofBen(model("nothing")), Requester.onBehalfOf(BEN), all())
            .allowed());
  }

  @Test
  void actor_withoutTheRight_isRefused() {
    grant(model("a"), CARL, "user", Micros.NEVER);
    refuses(Fault.NOT_FOUND, ofBen(model("b")), CARL);
    refuses(Fault.NOT_PERMITTED, ofBen(model("a")), CARL);
    refuses(Fault.NOT_FOUND, ofBen(model("nothing")), ANA);
  }

  @Test
  void actor_whoMayReadGrants_isToldOfAll() {
    grant(ACME, CARL, "auditor", Micros.NEVER);
    LookupPage all = bed.lookups().resources(ofBen(ACME), Requester.onBehalfOf(CARL), all());
    assertEquals(names("a", "b", "c", "d"), all.allowed());
    assertTrue(all.complete());
  }

  @Test
  void principal_suspendedOrDisabled_mayDoNothing() {
    commit("acme", new Command.SuspendPrincipal(BEN, true));
    LookupPage found = ask(ofBen(ACME), all());
    assertEquals(List.of(), found.allowed());
    assertTrue(found.complete());
  }

  @Test
  void organization_suspended_hasNothing() {
    commit("system", new Command.SuspendOrganization("acme", true));
    assertEquals(List.of(), ask(ofBen(ACME), all()).allowed());
  }

  @Test
  void group_asPrincipal_isRefused() {
    ResourceQuery query = of(PrincipalName.parse("group:g"), ACME);
    RefusedException e = assertThrows(RefusedException.class, () -> ask(query, all()));
    assertEquals(Fault.KIND_NOT_ALLOWED, e.refusal().fault());
  }

  private void refuses(Fault fault, ResourceQuery query, PrincipalName actor) {
    RefusedException e =
        assertThrows(
            RefusedException.class,
            () -> bed.lookups().resources(query, Requester.onBehalfOf(actor), all()));
    assertEquals(fault, e.refusal().fault());
  }

  private void refusesToken(ResourceQuery query, Requester requester, String token) {
    RefusedException e =
        assertThrows(
            RefusedException.class,
            () -> bed.lookups().resources(query, requester, PageRequest.of(1, token)));
    assertEquals(Fault.PAGE_TOKEN_INVALID, e.refusal().fault());
  }

  private LookupPage ask(ResourceQuery query, PageRequest page) {
    return bed.lookups().resources(query, Requester.SYSTEM_ADMINISTRATOR, page);
  }

  private static PageRequest all() {
    return PageRequest.of(0, "");
  }

  private static ResourceQuery ofBen(ResourceName parent) {
    return of(BEN, parent);
  }

  private static ResourceQuery of(PrincipalName principal, ResourceName parent) {
    return new ResourceQuery(principal, "predict", parent, "", LookupContext.NONE);
  }

  private void create(String id) {
    commit("acme", new Command.CreateResource(model(id), "", Map.of(), Optional.of(ANA)));
  }

  private void grant(ResourceName resource, PrincipalName to, String role, long expiresAtMicros) {
    change(
        resource,
        new GrantChange(
            GrantChange.Mode.MERGE, to, role, List.of(), false, false, 0, expiresAtMicros, ""));
  }

  private void revoke(ResourceName resource, PrincipalName from) {
    change(
        resource,
        new GrantChange(
            GrantChange.Mode.REMOVE, from, "", List.of(), false, false, 0, Micros.NEVER, ""));
  }

  private void change(ResourceName resource, GrantChange change) {
    commit("acme", new Command.UpdateGrants(resource, List.of(change), ""));
  }

  private void commit(String organizationId, Command command) {
    assertEquals(Optional.empty(), bed.commit(organizationId, command), command::toString);
  }

  private static ResourceName model(String id) {
    return ResourceName.parse(ACME + "/models/" + id);
  }

  private static List<String> names(String... ids) {
    return List.of(ids).stream().map(id -> model(id).text()).toList();
  }
}
