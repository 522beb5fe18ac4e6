package dev.modelgate.main;

import dev.modelgate.app.check.Authorizer;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.client.protect.ProtectionException;
import dev.modelgate.config.SettingException;
import dev.modelgate.grpc.EnvoyGrpcService;
import dev.modelgate.grpc.ErrorMapper;
import dev.modelgate.http.ForwardEndpoint;
import dev.modelgate.proxy.Gate;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What answers proxies, when there is a protection document: Envoys on the data plane, others over
 * HTTP.
 *
 * @param services to be added to the data plane
 * @param forward where the others ask
 */
record Proxies(List<BindableService> services, Optional<ForwardEndpoint> forward) {

  /**
   * Begins to answer over HTTP, if the settings say so.
   *
   * @param reading makes the executor that reads large requests
   * @throws SettingException naming the setting, or the place in the document
   */
  static Proxies open(
      ServeOptions options,
      Authorizer authorizer,
      Surroundings around,
      Transport transport,
      Supplier<Executor> reading,
      Parts parts)
      throws IOException {
    Path file = options.proxy.protectFile;
    if (file == null) {
      return new Proxies(List.of(), Optional.empty());
    }
    Gate gate = parts.keep(gate(file, authorizer, around));
    Optional<ForwardEndpoint> forward = Forwarding.open(options, gate, around, transport);
    forward.ifPresent(parts::keep);
    return new Proxies(
        List.of(new EnvoyGrpcService(gate, reading.get(), new ErrorMapper(around.telemetry()))),
        forward);
  }

  private static Gate gate(Path file, Authorizer authorizer, Surroundings around) {
    try {
      return Gate.of(
          Protection.read(file),
          authorizer,
          around.authenticator(),
          around.clock(),
          around.trail());
    } catch (ProtectionException e) {
      throw new SettingException(String.valueOf(e.getMessage()));
    }
  }
}
