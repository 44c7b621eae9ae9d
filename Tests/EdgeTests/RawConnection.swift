import NIOCore
import NIOPosix
import ProcessDriver
import Testing

/// What came back on a connection of its own.
struct RawReply: Sendable {
    let text: String
    /// Whether the server hung up before the patience ended.
    let isClosed: Bool
    let duration: Duration

    /// The status codes of every answer, in order.
    var statuses: [Int] {
        text.matches(of: #/HTTP\/1\.1 (\d{3}) /#).compactMap { Int($0.output.1) }
    }
}

/// Bytes on a socket, as no well-behaved client would send them.
enum RawConnection {
    /// Sends the pieces with pauses between them, and reads until the server hangs up or `patience` ends.
    ///
    /// - Parameter staysOpen: go on sending after the server has said that it will send nothing more, until it refuses to
    ///   listen.
    static func exchange(
        _ server: Server, _ pieces: [String], every pause: Duration = .zero, patience: Duration = .seconds(2),
        staysOpen: Bool = false
    ) async throws -> RawReply {
        let port = try Int(#require(server.url.split(separator: ":").last)) ?? 0
        let begin = ContinuousClock.now
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let end = connection.channel.eventLoop.scheduleTask(in: TimeAmount(patience)) {
            connection.channel.close(promise: nil)
        }
        var text = ""
        do {
            try await connection.executeThenClose { inbound, outbound in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for piece in pieces {
                            // The server may have hung up: that is what the reply will say.
                            do { try await outbound.write(ByteBuffer(string: piece)) } catch { return }
                            if pause > .zero { try await ProcessDriver.pause(pause) }
                        }
                    }
                    for try await bytes in inbound { text += String(buffer: bytes) }
                    if staysOpen { try await group.waitForAll() }
                    group.cancelAll()
                }
            }
        } catch is ChannelError {
        } catch is IOError {
        } catch is CancellationError {
        }
        end.cancel()
        let duration = ContinuousClock.now - begin
        return RawReply(text: text, isClosed: duration < patience, duration: duration)
    }
}
