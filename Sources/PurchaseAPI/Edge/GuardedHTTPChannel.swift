import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 on connections that are held to their limits.
public struct GuardedHTTPChannel: ServerChildChannel {
    public typealias Value = HTTP1Channel.Value

    private let base: HTTP1Channel

    init(_ responder: @escaping HTTP1Channel.Responder, _ limits: ConnectionLimits, isSecured: Bool) {
        base = HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: [ConnectionGuard(limits, isSecured: isSecured)],
                idleTimeout: TimeAmount(limits.idleTime),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerFields)))
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ByteWatch())
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    public func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

extension HTTPServerBuilder {
    /// A server of HTTP/1.1 that holds every connection to `limits`.
    ///
    /// - Parameter isSecured: whether TLS is put around it.
    public static func guarded(
        _ limits: ConnectionLimits = ConnectionLimits(), isSecured: Bool = false
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in GuardedHTTPChannel(responder, limits, isSecured: isSecured) }
    }
}
