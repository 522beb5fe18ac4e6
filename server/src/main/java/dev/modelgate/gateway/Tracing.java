package dev.modelgate.gateway;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Counts the bytes of a message while they arrive, which gRPC tells its tracers and nobody else:
 * the whole message would be too late to be refused for want of memory.
 */
final class Tracing {
  /** The account of the call that is being served. */
  static final Context.Key<Account> ACCOUNT = Context.key("modelgate-account");

  private Tracing() {}

  /** Gives each call that comes an account, and closes it when the call is off the network. */
  static ServerStreamTracer.Factory ofCallers(Budget budget) {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new OfCaller(new Account(budget));
      }
    };
  }

  /**
   * Counts on that account.
   *
   * @param accepted the compressions that the upstream is told to answer with; gRPC would tell it
   *     those of {@link Codecs}, which the caller may not know
   */
  static CallOptions ofUpstream(CallOptions options, Account account, Metadata accepted) {
    return options.withStreamTracerFactory(
        new ClientStreamTracer.Factory() {
          @Override
          public ClientStreamTracer newClientStreamTracer(
              ClientStreamTracer.StreamInfo info, Metadata headers) {
            Encodings.replaceAccepted(headers, accepted);
            return new OfUpstream(account);
          }
        });
  }

  private static final class OfCaller extends ServerStreamTracer {
    private final Account account;

    OfCaller(Account account) {
      this.account = account;
    }

    @Override
    public Context filterContext(Context context) {
      return context.withValue(ACCOUNT, account);
    }

    @Override
    public void inboundWireSize(long bytes) {
      account.read(Account.Side.CALLER, bytes);
    }

    @Override
    public void streamClosed(Status status) {
      account.close();
    }
  }

  private static final class OfUpstream extends ClientStreamTracer {
    private final Account account;

    OfUpstream(Account account) {
      this.account = account;
    }

    @Override
    public void inboundWireSize(long bytes) {
      account.read(Account.Side.UPSTREAM, bytes);
    }
  }
}
