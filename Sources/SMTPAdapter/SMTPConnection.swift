import CCurl
import Foundation
import Notifications
import PurchaseContracts
import SagaChoreography

/// One connection to a mail server, made on demand, kept for the next message and made anew when it is gone.
///
/// `@unchecked Sendable`: `handle` is used on `queue` alone, which runs one block at a time, and given back when nobody can use it
/// any more.
final class SMTPConnection: @unchecked Sendable {
    /// Calls of libcurl block: they run here, never on the threads that tasks share.
    private let queue: DispatchQueue
    private let settings: SMTPSettings
    private var handle: OpaqueHandle?

    private typealias OpaqueHandle = UnsafeMutableRawPointer

    /// Seconds after which an idle connection is not used again: servers close them by themselves.
    private static let longestIdle = 30

    init(_ settings: SMTPSettings, number: Int) {
        self.settings = settings
        queue = DispatchQueue(label: "smtp.connection.\(number)")
    }

    deinit { if let handle { curl_easy_cleanup(handle) } }

    /// Hands one message over.
    func send(_ message: [UInt8], from sender: EmailAddress, to recipient: EmailAddress) async -> SMTPOutcome {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.exchange(message, sender, recipient)) }
        }
    }

    /// Ends the connection, after the message that is under way.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                if let handle = self.handle { curl_easy_cleanup(handle) }
                self.handle = nil
                continuation.resume()
            }
        }
    }

    private func exchange(_ message: [UInt8], _ sender: EmailAddress, _ recipient: EmailAddress) -> SMTPOutcome {
        guard Library.isReady, let handle = handle ?? curl_easy_init() else {
            return SMTPOutcome(problem: "libcurl cannot be used")
        }
        self.handle = handle
        guard let recipients = curl_slist_append(nil, "<\(recipient)>") else {
            return SMTPOutcome(problem: "out of memory")
        }
        defer { curl_slist_free_all(recipients) }
        let conversation = SMTPConversation(message)
        // The connection stays, everything else is set anew.
        curl_easy_reset(handle)
        var failed = configure(handle)
        func set(_ code: CURLcode) { if code != CURLE_OK, failed == CURLE_OK { failed = code } }
        set(ccurl_set_text(handle, CURLOPT_MAIL_FROM, "<\(sender)>"))
        set(ccurl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients))
        set(conversation.attach(to: handle))
        let code = failed == CURLE_OK ? withExtendedLifetime(conversation) { curl_easy_perform(handle) } : failed
        var outcome = conversation.outcome
        if code != CURLE_OK { outcome.problem = String(cString: curl_easy_strerror(code)) }
        return outcome
    }

    /// - Returns: what libcurl says of the first option that it does not take.
    private func configure(_ handle: OpaqueHandle) -> CURLcode {
        var failed = CURLE_OK
        func set(_ code: CURLcode) { if code != CURLE_OK, failed == CURLE_OK { failed = code } }
        set(ccurl_set_text(handle, CURLOPT_URL, settings.url))
        set(ccurl_allow_mail_only(handle))
        // What the environment says of proxies is not meant for mail.
        set(ccurl_set_text(handle, CURLOPT_PROXY, ""))
        set(ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1))
        set(ccurl_set_long(handle, CURLOPT_UPLOAD, 1))
        set(ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.wholeMilliseconds)))
        set(ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(settings.timeout.wholeMilliseconds)))
        set(ccurl_set_long(handle, CURLOPT_MAXAGE_CONN, Self.longestIdle))
        set(
            ccurl_set_long(
                handle, CURLOPT_USE_SSL, Int((settings.encryption == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL).rawValue)
            ))
        set(ccurl_set_long(handle, CURLOPT_SSLVERSION, 6))  // CURL_SSLVERSION_TLSv1_2: this one or newer.
        set(ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1))
        set(ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2))
        if let file = settings.certificateAuthorities { set(ccurl_set_text(handle, CURLOPT_CAINFO, file)) }
        if let credentials = settings.credentials {
            set(ccurl_set_text(handle, CURLOPT_USERNAME, credentials.user))
            set(ccurl_set_text(handle, CURLOPT_PASSWORD, credentials.password))
        }
        return failed
    }

    /// libcurl's own state, set up once for the process.
    private enum Library {
        static let isReady: Bool = {
            // Writing to a connection that the server closed must not end the process; libcurl, told not to touch signals,
            // leaves that to its user.
            let previous = signal(SIGPIPE, SIG_IGN)
            // Beyond "default" (0) and "ignore" (1) are the addresses of handlers: the process has one of its own.
            if let previous, unsafeBitCast(previous, to: Int.self) > 1 { signal(SIGPIPE, previous) }
            return ccurl_global_init() == CURLE_OK
        }()
    }
}
