package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command.InitializeOrganization;
import dev.modelgate.app.sharing.Command.RegisterOrganization;
import dev.modelgate.app.sharing.ProfileRules;
import dev.modelgate.app.state.Publication;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Revision;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Creates organizations. No command spans two organizations, so it takes two: {@code system}
 * records name and identity, then the new organization's first change set makes it work. One that
 * was cut off in between is not shown to anybody, and is finished by whoever creates it again.
 * Thread-safe.
 */
public final class OrganizationCreation {
  private static final String SYSTEM_ID = "system";

  private final Publication publication;
  private final Committer committer;
  private final Loads loads;
  private final Executor executor;

  /** Who has organizations filled in bulk, as {@link OrganizationCommitter#load}. */
  @FunctionalInterface
  public interface Loads {
    /** Has one caller fill a registered organization; empty when that cannot be now. */
    Optional<OrganizationLoad> load(String organizationId, Order order);
  }

  /**
   * Creation over a committer.
   *
   * @param executor validates the second command, which may block; bounded
   */
  public OrganizationCreation(
      Publication publication, Committer committer, Loads loads, Executor executor) {
    this.publication = publication;
    this.committer = committer;
    this.loads = loads;
    this.executor = executor;
  }

  /**
   * Creates an organization.
   *
   * @param command what it begins with; checked as far as possible before anything is committed
   * @param order by the system administrator; its request id is used in both organizations
   * @return completes with the revision at which the organization works; exceptionally as {@link
   *     Committer#commit}, and with NOT_PERMITTED, UNKNOWN_PROFILE, PROFILE_INVALID,
   *     KIND_NOT_ALLOWED and ALREADY_EXISTS
   * @throws RefusedException the same faults, when they show at once
   */
  public CompletionStage<Outcome> create(InitializeOrganization command, Order order) {
    requireCreatable(command, order);
    boolean retriesSecond =
        Revision.parse(order.baseRevision())
            .filter(base -> !base.org().equals(Uid.SYSTEM))
            .isPresent();
    Order first = retriesSecond ? withoutBase(order) : order;
    Order second = retriesSecond ? order : withoutBase(order);
    String id = command.organizationId();
    return committer
        .commit(SYSTEM_ID, first, new RegisterOrganization(id))
        .handleAsync(
            (outcome, failure) -> {
              if (failure != null && !(exists(failure) && (retriesSecond || isHalfMade(id)))) {
                throw new CompletionException(unwrapped(failure));
              }
              return committer.commit(id, second, command);
            },
            executor)
        .thenCompose(stage -> stage);
  }

  /**
   * Registers an organization and hands it out to be filled, with its first change set in it;
   * blocks. Nobody sees it before it is published; one that never is can be created again.
   *
   * @param order as for {@link #create}, without a base revision
   * @return empty when it is there already, or has to be created and filled by commits; then {@link
   *     #create} says what of it
   * @throws RefusedException as {@link #create}
   */
  public Optional<OrganizationLoad> load(InitializeOrganization command, Order order) {
    requireCreatable(command, order);
    String id = command.organizationId();
    try {
      committer.commit(SYSTEM_ID, order, new RegisterOrganization(id)).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (!(exists(e) && isHalfMade(id))) {
        throw refused(e);
      }
    }
    Optional<OrganizationLoad> load = loads.load(id, order);
    load.ifPresent(begun -> begin(begun, order, command));
    return load;
  }

  private static void begin(OrganizationLoad load, Order order, InitializeOrganization command) {
    boolean begun = false;
    try {
      load.commit(command.organizationId(), order, command).toCompletableFuture().join();
      begun = true;
    } catch (CompletionException e) {
      throw refused(e);
    } finally {
      if (!begun) {
        load.close();
      }
    }
  }

  private static RuntimeException refused(CompletionException e) {
    return e.getCause() instanceof RuntimeException cause ? cause : e;
  }

  private boolean isHalfMade(String id) {
    return publication.current().organization(id).filter(org -> !org.isInitialized()).isPresent();
  }

  private static boolean exists(Throwable failure) {
    return unwrapped(failure) instanceof RefusedException refused
        && refused.refusal().fault() == Fault.ALREADY_EXISTS;
  }

  /** Refuses what can be refused without looking at any state. */
  static void requireCreatable(InitializeOrganization command, Order order) {
    if (!order.requester().isSystemAdministrator()) {
      throw Refusal.notPermitted(
              "organizations are created by the system administrator",
              order.requester().shown(),
              "administrator",
              "organizations/system",
              "")
          .asException();
    }
    ProfileRules.document(ProfileRules.Source.of(command));
    Optional<PrincipalName> owner = command.owner();
    if (owner.isPresent() && !owner.get().kind().mayBeUnknown()) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              "owner",
              owner.get().toString(),
              "a user or app, for others must exist first")
          .asException();
    }
  }

  private static Order withoutBase(Order order) {
    return new Order(
        order.requester(), order.requestId(), order.commandDigest(), order.reason(), "");
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
