import FoundationEssentials
import HTTPTypes
import Hummingbird

extension Response {
    /// An answer in JSON.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        contentType: String = "application/json; charset=utf-8"
    ) throws -> Response {
        var headers = headers
        headers[.contentType] = contentType
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONText.encode(value))))
    }
}
