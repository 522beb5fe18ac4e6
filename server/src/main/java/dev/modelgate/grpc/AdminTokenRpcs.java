package dev.modelgate.grpc;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.RotateAdminTokenResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of the bootstrap token. The token itself goes into the answer and nowhere else: neither
 * log nor trail has it or its digest.
 */
final class AdminTokenRpcs {
  private static final Logger log = LoggerFactory.getLogger(AdminTokenRpcs.class);
  private static final String METHOD = "modelgate.v1.AdminService/RotateAdminToken";

  private final AdminToken token;
  private final AuditTrail trail;

  AdminTokenRpcs(AdminToken token, AuditTrail trail) {
    this.token = token;
    this.trail = trail;
  }

  /** Replaces the token or switches it off; blocks for the disk. */
  RotateAdminTokenResponse rotate(
      RotateAdminTokenRequest request, Requester requester, String peer) {
    String reason = Fields.prose("reason", request.getReason());
    requireSystemAdministrator(requester);
    RotateAdminTokenResponse.Builder response = RotateAdminTokenResponse.newBuilder();
    if (request.getDisable()) {
      requireAnother(requester);
      token.disable();
    } else {
      response.setToken(token.rotate());
    }
    log.warn(
        "the admin token was {} by {}",
        request.getDisable() ? "switched off" : "rotated",
        requester.credential());
    trail.record(
        TrailEvent.of(
                TrailEvent.Kind.CONFIGURATION,
                request.getDisable() ? "TOKEN_DISABLED" : "TOKEN_ROTATED")
            .by(requester.credential(), "", peer)
            .through(METHOD)
            .because(reason, "")
            .build());
    return response.build();
  }

  private static void requireSystemAdministrator(Requester requester) {
    if (!requester.standing().holds()) {
      throw Unauthenticated.EXPIRED.asException();
    }
    if (!requester.isSystemAdministrator()) {
      throw Refusal.notPermitted(
              "the admin token is the system administrator's",
              requester.shown(),
              "administrator",
              "organizations/system",
              "")
          .asException();
    }
  }

  /** Who calls by another credential shows that it works; nobody locks the last one out. */
  private static void requireAnother(Requester requester) {
    if (requester.isBootstrap()) {
      throw Refusal.of(
              Fault.LAST_ADMINISTRATOR,
              "the admin token cannot switch itself off; another system administrator can")
          .with("actor", requester.credential())
          .asException();
    }
  }
}
