import NIOCore

/// What one connection may ask of the server, before anything knows who is asking.
public struct ConnectionLimits: Sendable {
    /// Bytes of the request line and all header fields.
    public var headerBytes = 16 * 1024
    public var headerFields = 64
    /// Bytes of path and query.
    public var uriBytes = 4 * 1024
    /// Bytes of a body, whole or in chunks.
    public var bodyBytes = 64 * 1024
    /// From the first byte, or the connection's start, to the end of the header; absolute, whatever trickles in.
    public var headerTime = Duration.seconds(5)
    /// From the end of the header to the end of the body; absolute.
    public var bodyTime = Duration.seconds(10)
    /// How long a client may leave an answer unread that no longer fits into the buffers; after the last answer of a connection, how
    /// long it may take to read it.
    public var readerTime = Duration.seconds(30)
    /// How long a connection may stay open between two requests.
    public var idleTime = Duration.seconds(60)
    /// How long what still arrives is thrown away after a refusal, so that the client gets to read the answer.
    public var lingerTime = Duration.seconds(1)

    /// The limits that the documents state.
    public init() {}
}
