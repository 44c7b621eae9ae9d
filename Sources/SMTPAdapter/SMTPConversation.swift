import CCurl

/// One message on its way: what libcurl still has to send, and how far it has come. It listens to the verbs of commands and to
/// the codes of answers; what else is in them, such as a password or a name, is not kept.
///
/// libcurl calls it on the thread that runs the transfer, and only during that.
final class SMTPConversation {
    private let message: [UInt8]
    private var sent = 0
    private(set) var outcome = SMTPOutcome()
    /// Whether goodbye was said: what is answered to that no longer matters.
    private var isOver = false

    init(_ message: [UInt8]) { self.message = message }

    /// Sets the calls up; whoever does keeps this alive until the transfer is over.
    func attach(to handle: UnsafeMutableRawPointer) -> CURLcode {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            ccurl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(message.count)),
            ccurl_set_transfer(handle, CURLOPT_READFUNCTION) { buffer, size, count, context in
                guard let buffer, let context else { return 0 }
                return Unmanaged<SMTPConversation>.fromOpaque(context).takeUnretainedValue()
                    .fill(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
            },
            ccurl_set_pointer(handle, CURLOPT_READDATA, context),
            ccurl_set_transfer(handle, CURLOPT_HEADERFUNCTION) { line, size, count, context in
                guard let line, let context else { return 0 }
                Unmanaged<SMTPConversation>.fromOpaque(context).takeUnretainedValue()
                    .heard(UnsafeRawBufferPointer(start: line, count: size * count))
                return size * count
            },
            ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context),
            ccurl_set_trace(handle) { _, kind, text, size, context in
                guard kind == CURLINFO_HEADER_OUT, let text, let context else { return 0 }
                Unmanaged<SMTPConversation>.fromOpaque(context).takeUnretainedValue()
                    .said(UnsafeRawBufferPointer(start: text, count: size))
                return 0
            },
            ccurl_set_pointer(handle, CURLOPT_DEBUGDATA, context),
            // Without it the trace is silent; with it nothing else is written anywhere.
            ccurl_set_long(handle, CURLOPT_VERBOSE, 1),
        ]
        return codes.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let part = message[sent...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        sent += part.count
        return part.count
    }

    private func said(_ command: UnsafeRawBufferPointer) {
        if let stage = SMTPOutcome.Stage(command: command) {
            outcome.stage = stage
            outcome.reply = nil
        }
        if command.prefix(4).elementsEqual("QUIT".utf8) { isOver = true }
    }

    private func heard(_ line: UnsafeRawBufferPointer) {
        if !isOver, let codes = SMTPOutcome.codes(in: line) { outcome.reply = codes }
    }
}
