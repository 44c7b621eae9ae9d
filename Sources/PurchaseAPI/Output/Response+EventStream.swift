import HTTPTypes
import Hummingbird

extension Response {
    /// What server-sent events are sent as.
    static let eventStreamType = "text/event-stream"

    /// An answer of server-sent events that goes on as long as `write` does.
    ///
    /// - Parameters:
    ///   - seat: kept until the answer has ended, or is thrown away.
    ///   - write: gives its argument one part after the other.
    static func eventStream(
        holding seat: StreamSeats.Seat,
        write: @escaping @Sendable (_ send: ([UInt8]) async throws -> Void) async throws -> Void
    ) -> Response {
        var headers: HTTPFields = [.contentType: eventStreamType]
        // A proxy that collects answers would keep events back.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                defer { withExtendedLifetime(seat) {} }
                try await write { try await writer.write(ByteBuffer(bytes: $0)) }
                try await writer.finish(nil)
            })
    }
}
