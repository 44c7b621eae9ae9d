import Hummingbird

/// A body as it came and as it reads.
struct JSONBody: Sendable {
    let bytes: [UInt8]
    let value: JSONValue
}

extension Request {
    /// The body as strict JSON.
    ///
    /// - Throws: ``APIError`` 415 unless it is `application/json` in UTF-8, 413 above ``APIContext/maxUploadSize`` bytes, 400
    ///   when it cannot be parsed.
    func json(in context: APIContext) async throws -> JSONBody {
        guard isJSON else { throw APIError(.unsupportedMediaType, .notJSON) }
        return try json(of: try await bytes(in: context))
    }

    /// The body as it came, of whatever type.
    ///
    /// - Throws: ``APIError`` 413 above ``APIContext/maxUploadSize`` bytes.
    func bytes(in context: APIContext) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > context.maxUploadSize {
            throw APIError(.contentTooLarge, .tooLarge)
        }
        return try await bytes(upTo: context.maxUploadSize)
    }

    /// Bytes that came as the body of this request, as strict JSON.
    ///
    /// - Throws: ``APIError`` 415 unless it is `application/json` in UTF-8, 400 when it cannot be parsed.
    func json(of bytes: [UInt8]) throws(APIError) -> JSONBody {
        guard isJSON else { throw APIError(.unsupportedMediaType, .notJSON) }
        do {
            return JSONBody(bytes: bytes, value: try StrictJSON.parse(bytes))
        } catch {
            throw APIError(.badRequest, .malformedJSON, parameters: ["offset": Int64(error.offset)])
        }
    }

    private func bytes(upTo maximum: Int) async throws -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: maximum).readableBytesView)
        } catch let error as any HTTPResponseError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            // The framing broke before the body was whole.
            throw APIError(.badRequest, .malformedJSON, parameters: ["offset": 0])
        }
    }

    private var isJSON: Bool {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" { return false }
        guard let type = headers[.contentType] else { return false }
        // As nearly everybody writes it.
        if type == "application/json" { return true }
        let parts = type.split(separator: ";").map { $0.trimmingSpaces().lowercased() }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { part in
            !part.hasPrefix("charset=") || part == "charset=utf-8" || part == "charset=\"utf-8\""
        }
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    func trimmingSpaces() -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let bytes = utf8
        guard let first = bytes.firstIndex(where: { !isSpace($0) }) else { return "" }
        var end = bytes.endIndex
        while isSpace(bytes[bytes.index(before: end)]) { end = bytes.index(before: end) }
        return String(self[first..<end])
    }
}
