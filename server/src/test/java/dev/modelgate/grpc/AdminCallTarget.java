package dev.modelgate.grpc;

import static dev.modelgate.fuzz.FuzzTarget.require;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.modelgate.fuzz.FuzzTarget;
import dev.modelgate.v1.AdminServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests of every unary admin call, policies, etags and page tokens in them, as the administrator
 * of the system and as ana: answered, or refused as the contract of errors promises.
 */
public final class AdminCallTarget implements FuzzTarget {
  private static final Set<Status.Code> DEFECTS =
      Set.of(Status.Code.INTERNAL, Status.Code.UNKNOWN, Status.Code.DATA_LOSS);

  /** After so many calls the organization is made anew, so that what they leave is bounded. */
  private static final int CALLS_MAX = 20_000;

  private final List<MethodDescriptor<?, ?>> methods =
      AdminServiceGrpc.getServiceDescriptor().getMethods().stream()
          .filter(method -> method.getType() == MethodType.UNARY)
          .sorted(Comparator.comparing(MethodDescriptor::getFullMethodName))
          .toList();
  private @Nullable AdminPlane plane;
  private int calls;

  @Override
  public void read(byte[] input) {
    if (input.length == 0) {
      return;
    }
    int choice = input[0] & 0xff;
    call(
        methods.get(choice % methods.size()),
        choice >= 128,
        Arrays.copyOfRange(input, 1, input.length));
  }

  private <Q, A> void call(MethodDescriptor<Q, A> method, boolean isAna, byte[] bytes) {
    Q request;
    try {
      request = method.parseRequest(new ByteArrayInputStream(bytes));
    } catch (StatusRuntimeException e) {
      return;
    }
    AdminPlane acme = plane();
    Channel channel = (isAna ? acme.as(AdminPlane.ANA) : acme.admin()).getChannel();
    try {
      ClientCalls.blockingUnaryCall(
          channel, method, CallOptions.DEFAULT.withDeadlineAfter(20, SECONDS), request);
    } catch (StatusRuntimeException e) {
      require(!DEFECTS.contains(e.getStatus().getCode()), method.getFullMethodName() + ": " + e);
      Errors.of(e);
    }
  }

  private AdminPlane plane() {
    AdminPlane current = plane;
    if (current != null && calls++ >= CALLS_MAX) {
      current.close();
      current = null;
    }
    if (current == null) {
      current = new AdminPlane().withAcme();
      plane = current;
      calls = 0;
    }
    return current;
  }
}
