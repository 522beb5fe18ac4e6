package dev.modelgate.http;

import dev.modelgate.model.RefusedException;
import dev.modelgate.proxy.Gate;
import dev.modelgate.proxy.ProxiedRequest;
import dev.modelgate.proxy.ProxiedRequest.Body;
import dev.modelgate.proxy.UpstreamHeaders;
import dev.modelgate.proxy.Verdict;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderValues;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObject;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.LastHttpContent;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one connection, one at a time.
 *
 * <p>Invariant: what the client asked for is believed only from the two configured headers, each
 * exactly once, for the proxy sets them over whatever the client sent under these names (hazard
 * 38). Everything that is not an allow is an answer that no proxy takes for one.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails on a connection closes it.
final class ForwardAnswers extends SimpleChannelInboundHandler<HttpObject> {
  private static final Logger log = LoggerFactory.getLogger(ForwardAnswers.class);

  /** What a proxy sends of a body all the same, in bytes. */
  private static final int DISCARDED_BYTES_MAX = 1 << 20;

  /** These speak of the proxy's own request. */
  private static final Set<String> HOP =
      Set.of("connection", "content-length", "host", "keep-alive", "te", "transfer-encoding");

  private final ForwardSettings settings;
  private final Gate gate;
  private final ForwardCallers callers;
  private boolean deciding;
  private boolean reading;
  private int discarded;

  ForwardAnswers(ForwardSettings settings, Gate gate, ForwardCallers callers) {
    this.settings = settings;
    this.gate = gate;
    this.callers = callers;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (message instanceof HttpRequest request) {
      if (deciding || reading) {
        context.close(); // No proxy sends a request before the last one is answered.
        return;
      }
      deciding = true;
      discarded = 0;
      reading = !(message instanceof LastHttpContent);
      decide(context, request);
    } else if (message instanceof HttpContent content) {
      discarded += content.content().readableBytes();
      reading = !(content instanceof LastHttpContent);
      if (discarded > DISCARDED_BYTES_MAX || content.decoderResult().isFailure()) {
        context.close();
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a connection failed", cause);
    context.close();
  }

  private void decide(ChannelHandlerContext context, HttpRequest request) {
    boolean keeps = HttpUtil.isKeepAlive(request);
    if (request.decoderResult().isFailure()) {
      send(context, Verdict.malformed("a request that is none"), false);
    } else if (!request.uri().equals(ForwardEndpoint.PATH)) {
      send(context, Verdict.unmapped("proxies ask at " + ForwardEndpoint.PATH), keeps);
    } else {
      ask(context, request, keeps);
    }
  }

  private void ask(ChannelHandlerContext context, HttpRequest request, boolean keeps) {
    List<String> methods = request.headers().getAll(settings.headers().method());
    List<String> targets = request.headers().getAll(settings.headers().target());
    if (methods.size() != 1 || targets.size() != 1) {
      send(
          context,
          Verdict.malformed(
              "the proxy must set "
                  + settings.headers().method()
                  + " and "
                  + settings.headers().target()
                  + ", each once"),
          keeps);
      return;
    }
    String peer = peer(context);
    String credential = "";
    try {
      List<X509Certificate> shown = certificates(context);
      ForwardCallers.Proxy proxy = callers.proxy(shown);
      credential = proxy.credential();
      ProxiedRequest proxied =
          new ProxiedRequest(
              methods.get(0),
              targets.get(0),
              headers(request.headers()),
              new Body.Unseen("the proxy passes no body"),
              shown,
              "",
              shown.isEmpty());
      Gate.Asker asker =
          new Gate.Asker(
              proxy.credential(),
              peer,
              proxy.asking(),
              context.channel().id(),
              () -> !context.channel().isActive());
      gate.decide(proxied, asker, new Answering(context, keeps, credential));
    } catch (CharacterCodingException e) {
      send(context, Verdict.malformed("a header that is not UTF-8"), keeps);
    } catch (RefusedException e) {
      callers.refused(credential, peer, e.refusal());
      send(context, Verdict.refused(e.refusal()), keeps);
    } catch (RuntimeException e) {
      log.error("a request of a proxy could not be decided on", e);
      send(context, Verdict.unavailable(), keeps);
    }
  }

  private static Map<String, List<String>> headers(HttpHeaders all)
      throws CharacterCodingException {
    Map<String, List<String>> headers = new TreeMap<>();
    for (Map.Entry<String, String> header : all) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!HOP.contains(name)) {
        headers.computeIfAbsent(name, key -> new ArrayList<>(1)).add(text(header.getValue()));
      }
    }
    return headers;
  }

  /** Netty makes a character of each byte. */
  private static String text(String bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
        .toString();
  }

  private static String peer(ChannelHandlerContext context) {
    return context.channel().remoteAddress() instanceof InetSocketAddress address
            && address.getAddress() != null
        ? address.getAddress().getHostAddress() + ":" + address.getPort()
        : "unix";
  }

  private static List<X509Certificate> certificates(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    List<X509Certificate> certificates = new ArrayList<>();
    if (tls != null) {
      try {
        for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
          certificates.add((X509Certificate) certificate);
        }
      } catch (SSLPeerUnverifiedException e) {
        return List.of(); // It showed none, and the listener let it.
      }
    }
    return certificates;
  }

  /** Any thread may say it; the connection's own writes it. */
  private void send(ChannelHandlerContext context, Verdict verdict, boolean keeps) {
    context.executor().execute(() -> write(context, verdict, keeps));
  }

  private void write(ChannelHandlerContext context, Verdict verdict, boolean keeps) {
    byte[] body = verdict.allowed() ? new byte[0] : verdict.json().getBytes(StandardCharsets.UTF_8);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(verdict.outcome().httpCode()),
            Unpooled.wrappedBuffer(body));
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    if (verdict.allowed()) {
      // Empty where there is nothing to say: Caddy 2.6 writes the name of its variable for none.
      Map<String, String> values = UpstreamHeaders.of(verdict);
      for (String name : UpstreamHeaders.NAMES) {
        response.headers().set(name, values.getOrDefault(name, ""));
      }
    } else {
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
          .set("x-modelgate-reason", verdict.reason());
      if (verdict.outcome() == Verdict.Outcome.UNAUTHENTICATED) {
        response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, gate.challenge());
      }
    }
    boolean closes = !keeps || reading;
    if (closes) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    deciding = false;
    var written = context.writeAndFlush(response);
    if (closes) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private final class Answering implements Gate.Sink {
    private final ChannelHandlerContext context;
    private final boolean keeps;
    private final String credential;

    Answering(ChannelHandlerContext context, boolean keeps, String credential) {
      this.context = context;
      this.keeps = keeps;
      this.credential = credential;
    }

    @Override
    public void decided(Verdict verdict) {
      send(context, verdict, keeps);
    }

    @Override
    public void refused(RefusedException refusal) {
      callers.refused(credential, peer(context), refusal.refusal());
      send(context, Verdict.refused(refusal.refusal()), keeps);
    }
  }
}
