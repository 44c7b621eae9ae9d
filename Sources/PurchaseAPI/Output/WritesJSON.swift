import FoundationEssentials
import HTTPTypes
import Hummingbird
import SagaChoreography

/// A body that is answered so often that it writes its own JSON: the same bytes as ``JSONText`` makes of it, keys sorted.
protocol WritesJSON: Encodable {
    func write(to json: inout JSONWriter)
}

extension Response {
    /// An answer in JSON.
    static func json(
        _ value: some WritesJSON, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        var json = JSONWriter()
        value.write(to: &json)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}

extension JSONWriter {
    /// A member that is left out if there is nothing to say.
    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    /// A member that is left out if there is nothing to say.
    mutating func member(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        key(name)
        integer(value)
    }
}
