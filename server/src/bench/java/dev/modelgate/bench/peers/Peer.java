package dev.modelgate.bench.peers;

import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A decision point that runs as a process of its own and is asked over gRPC. */
interface Peer {
  /** Its name in {@code fetch.sh}. */
  String script();

  /** Where it will listen: {@code unix:<path>} or {@code tcp:<host>:<port>}. */
  String target();

  /** Writes the configuration that it needs, and says how it is started. */
  List<String> command(Path executable) throws IOException;

  /** Fills it, as soon as it answers, and gives the questions in its words. */
  RawQuestions fill(Channel channel, HotSet hot) throws IOException;
}
