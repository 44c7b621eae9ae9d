import NIOCore

/// Sees the bytes before they are parsed, and so a header that comes too slowly to be one.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var connection: ConnectionGuard?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connection == nil {
            do {
                connection = try context.pipeline.syncOperations.handler(type: ConnectionGuard.self)
            } catch {
                // It was put into the same pipeline; without it nothing here is bounded.
                context.fireErrorCaught(error)
                context.close(promise: nil)
                return
            }
        }
        guard let connection, connection.takesBytes else { return }
        connection.willParse(unwrapInboundIn(data))
        context.fireChannelRead(data)
        connection.didParse()
    }

    func handlerRemoved(context: ChannelHandlerContext) { connection = nil }
}
