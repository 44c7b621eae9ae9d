import FoundationEssentials
import HTTPTypes
import Hummingbird

/// A problem as it is written on a connection that is closed afterwards, where no handler has been reached.
struct EdgeAnswer {
    let head: HTTPResponse
    /// `nil` in answer to HEAD.
    let body: ByteBuffer?

    /// - Parameter request: the last one that could be read; `nil` if none could.
    init(_ problem: APIError, to request: HTTPRequest?) {
        let path = request?.path.map { String($0.prefix { $0 != "?" }.prefix(200)) } ?? "/"
        let details = ProblemDetails(
            problem, instance: path, correlationID: nil, language: Language(request?.headerFields ?? [:]))
        // A body of texts and numbers always encodes; without it the status still says what is wrong.
        let bytes = (try? JSONText.encode(details)) ?? Data()
        var fields = problem.headers
        fields[.contentType] = "application/problem+json; charset=utf-8"
        fields[.contentLength] = String(bytes.count)
        fields[.connection] = "close"
        SecurityHeaders.add(to: &fields)
        head = HTTPResponse(status: problem.status, headerFields: fields)
        body = request?.method == .head ? nil : ByteBuffer(bytes: bytes)
    }
}
