package dev.modelgate.grpc;

import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.identity.Asking;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ExplainResponse;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.ListActionsResponse;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupPrincipalsResponse;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.LookupResourcesResponse;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * The data plane on the wire. Runs on the event loop: nothing here blocks, an answer from memory is
 * written by the thread that read the request, everything else by a thread of the miss pool.
 */
public final class AuthorizationGrpcService
    extends AuthorizationServiceGrpc.AuthorizationServiceImplBase {
  /** The most items of a batch. */
  static final int BATCH_ITEMS_MAX = 1_000;

  /** The methods that reveal more than one access, and so need a credential (hazard 35). */
  static final Set<String> CREDENTIALED = Set.of("LookupResources", "LookupPrincipals", "Explain");

  private final Authorizer authorizer;
  private final LookupRpcs lookups;
  private final ExplainRpcs explanations;
  private final Executor blocking;
  private final ErrorMapper errors;
  private final CheckMessages messages = new CheckMessages();
  private final AskingBounds bounds;
  private final AuditTrail trail;
  private final Optional<AccessStreams> streams;

  /** The service of an authorizer that completes no relative names, without a trail. */
  public AuthorizationGrpcService(
      Authorizer authorizer, Lookups lookups, Executor blocking, ErrorMapper errors) {
    this(authorizer, lookups, "", blocking, AuditTrail.NONE, errors);
  }

  /** The service without WatchAccess. */
  public AuthorizationGrpcService(
      Authorizer authorizer,
      Lookups lookups,
      String defaultParent,
      Executor blocking,
      AuditTrail trail,
      ErrorMapper errors) {
    this(authorizer, lookups, defaultParent, Optional.empty(), blocking, trail, errors);
  }

  /**
   * The service. Needs {@link RequesterContext#KEY} in the context of its {@link #CREDENTIALED}
   * methods.
   *
   * @param defaultParent what completes relative names, as the authorizer has it; empty for nothing
   * @param streams where accesses are watched; owned by the caller
   * @param blocking runs what reads the store on the calling thread; bounded
   * @param trail is told of refused items and of links that are unknown
   */
  public AuthorizationGrpcService(
      Authorizer authorizer,
      Lookups lookups,
      String defaultParent,
      Optional<AccessStreams> streams,
      Executor blocking,
      AuditTrail trail,
      ErrorMapper errors) {
    this.streams = streams;
    this.trail = trail;
    this.bounds = new AskingBounds(defaultParent);
    this.authorizer = authorizer;
    this.lookups = new LookupRpcs(lookups);
    this.explanations = new ExplainRpcs(lookups);
    this.blocking = blocking;
    this.errors = errors;
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
    var call = (ServerCallStreamObserver<CheckResponse>) observer;
    call.setOnCancelHandler(() -> {}); // So that an answer that comes too late is no error.
    try {
      Asking asking = CallerContext.ASKING.get();
      AnswerSink sink = new UnarySink(call);
      if (CheckTrail.isLink(request)) {
        sink = new CheckTrail(trail, "Check").alone(request, sink);
      }
      bounds.check(authorizer, asking, messages.question(request), sink);
    } catch (RuntimeException e) {
      call.onError(errors.toException(e));
    }
  }

  @Override
  public void batchCheck(BatchCheckRequest request, StreamObserver<BatchCheckResponse> observer) {
    var call = (ServerCallStreamObserver<BatchCheckResponse>) observer;
    call.setOnCancelHandler(() -> {});
    try {
      int size = request.getItemsCount();
      if (size == 0) {
        throw Refusal.ofField(
                Fault.INVALID_FIELD, "items", "0", "1 to " + BATCH_ITEMS_MAX + " items")
            .asException();
      }
      if (size > BATCH_ITEMS_MAX) {
        throw Refusal.ofSize("items", size, BATCH_ITEMS_MAX).asException();
      }
      Consistency consistency = messages.consistency(request.getConsistency());
      Batch batch = new Batch(size, call, messages, errors);
      Asking asking = CallerContext.ASKING.get();
      CheckTrail refused = new CheckTrail(trail, "BatchCheck");
      Claims claims = CheckMessages.claims();
      for (int i = 0; i < size; i++) {
        CheckRequest item = request.getItems(i);
        ask(item, asking, consistency, claims, refused.item(item, batch.item(i)));
      }
    } catch (RuntimeException e) {
      call.onError(errors.toException(e));
    }
  }

  @Override
  public StreamObserver<StreamCheckRequest> streamCheck(
      StreamObserver<StreamCheckResponse> observer) {
    return new CheckStream(
        authorizer,
        messages,
        bounds,
        new CheckTrail(trail, "StreamCheck"),
        errors,
        (ServerCallStreamObserver<StreamCheckResponse>) observer);
  }

  @Override
  public StreamObserver<WatchAccessRequest> watchAccess(
      StreamObserver<WatchAccessResponse> observer) {
    var call = (ServerCallStreamObserver<WatchAccessResponse>) observer;
    return streams.isPresent()
        ? streams.get().begin(messages, bounds, new CheckTrail(trail, "WatchAccess"), errors, call)
        : super.watchAccess(observer);
  }

  @Override
  public void listActions(
      ListActionsRequest request, StreamObserver<ListActionsResponse> observer) {
    answer(
        observer,
        () -> {
          Question question = bounds.bound(CallerContext.ASKING.get(), messages.question(request));
          return () -> messages.response(authorizer.listActions(question));
        });
  }

  @Override
  public void lookupResources(
      LookupResourcesRequest request, StreamObserver<LookupResourcesResponse> observer) {
    answer(
        observer,
        () -> {
          Requester requester = AdminCalls.requester();
          Asking asking = CallerContext.ASKING.get();
          return () -> lookups.resources(request, requester, asking);
        });
  }

  @Override
  public void lookupPrincipals(
      LookupPrincipalsRequest request, StreamObserver<LookupPrincipalsResponse> observer) {
    answer(
        observer,
        () -> {
          Requester requester = AdminCalls.requester();
          Asking asking = CallerContext.ASKING.get();
          return () -> lookups.principals(request, requester, asking);
        });
  }

  @Override
  public void explain(ExplainRequest request, StreamObserver<ExplainResponse> observer) {
    answer(
        observer,
        () -> {
          Requester requester = AdminCalls.requester();
          Asking asking = CallerContext.ASKING.get();
          return () -> explanations.explain(request, requester, asking);
        });
  }

  /**
   * Answers on the blocking executor.
   *
   * @param reader reads the request on this thread and answers what is then to be done
   */
  private <A> void answer(StreamObserver<A> observer, Supplier<Supplier<A>> reader) {
    var call = (ServerCallStreamObserver<A>) observer;
    call.setOnCancelHandler(() -> {});
    try {
      Supplier<A> work = reader.get();
      blocking.execute(
          () -> {
            if (call.isCancelled()) {
              return;
            }
            try {
              call.onNext(work.get());
              call.onCompleted();
            } catch (RuntimeException e) {
              call.onError(errors.toException(e));
            }
          });
    } catch (RejectedExecutionException e) {
      call.onError(
          errors.toException(
              Refusal.of(Fault.OVERLOADED, "too many calls wait").with("queue", "listings")));
    } catch (RuntimeException e) {
      call.onError(errors.toException(e));
    }
  }

  private void ask(
      CheckRequest item, Asking asking, Consistency ofBatch, Claims claims, AnswerSink sink) {
    try {
      bounds.check(authorizer, asking, messages.question(item, ofBatch, claims), sink);
    } catch (RuntimeException e) {
      sink.refused(errors.toRefusal(e));
    }
  }

  private final class UnarySink implements AnswerSink {
    private final ServerCallStreamObserver<CheckResponse> call;

    UnarySink(ServerCallStreamObserver<CheckResponse> call) {
      this.call = call;
    }

    @Override
    public void answered(Answer answer) {
      call.onNext(messages.response(answer));
      call.onCompleted();
    }

    @Override
    public void refused(Refusal refusal) {
      call.onError(errors.toException(refusal));
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }

    @Override
    public Object caller() {
      return Connection.turn();
    }
  }
}
