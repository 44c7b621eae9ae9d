import PurchaseContracts

/// The stable slug of a problem, which is also the key of its wording.
struct ProblemCode: Hashable, Sendable, ExpressibleByStringLiteral {
    let slug: String

    init(stringLiteral slug: String) { self.slug = slug }
    init(_ refusal: RefusalCode) { slug = refusal.rawValue }

    static let malformedJSON: Self = "request.malformed-json"
    static let malformedID: Self = "request.malformed-id"
    static let malformedCursor: Self = "request.malformed-cursor"
    static let malformedIdempotencyKey: Self = "request.malformed-idempotency-key"
    static let invalid: Self = "request.invalid"
    static let tooLarge: Self = "request.too-large"
    static let notJSON: Self = "request.not-json"
    static let unknownPath: Self = "request.unknown-path"
    static let wrongMethod: Self = "request.wrong-method"
    static let tokenMissing: Self = "access.token-missing"
    static let tokenRefused: Self = "access.token-refused"
    static let forbidden: Self = "access.forbidden"
    static let wrongCredentials: Self = "access.wrong-credentials"
    static let wrongPassword: Self = "access.wrong-password"
    static let tooManyLogins: Self = "access.too-many-logins"
    static let tokenWithoutID: Self = "access.token-without-id"
    static let nameTaken: Self = "users.name-taken"
    static let walletFull: Self = "users.wallet-full"
    static let depositKeyReused: Self = "users.key-reused"
    static let ownRights: Self = "users.own-rights"
    static let lastAdmin: Self = "users.last-admin"
    static let orderNotFound: Self = "orders.not-found"
    static let idempotencyMismatch: Self = "orders.idempotency-mismatch"
    static let amountTooLarge: Self = "orders.amount-too-large"
    static let invalidLines: Self = "orders.invalid-lines"
    static let tooManyUnderWay: Self = "orders.too-many-under-way"
    static let tooLateToCancel: Self = "orders.too-late-to-cancel"
    static let orderNotCompleted: Self = "orders.not-completed"
    static let refundOpen: Self = "orders.refund-open"
    static let paymentNotFound: Self = "payments.not-found"
    static let catalogueBehind: Self = "items.not-yet-orderable"
    static let stockConflict: Self = "items.conflict"
    static let categoryNotFound: Self = "items.category-not-found"
    static let categoryExists: Self = "items.category-exists"
    static let tooManyCategories: Self = "items.too-many-categories"
    static let reservationNotFound: Self = "items.reservation-not-found"
    static let reservationConflict: Self = "items.reservation-conflict"
    static let tooManyRequests: Self = "request.too-many"
    static let overloaded: Self = "service.overloaded"
    static let malformedRequest: Self = "request.malformed"
    static let headerTooLarge: Self = "request.header-too-large"
    static let uriTooLong: Self = "request.uri-too-long"
    static let tooSlow: Self = "request.too-slow"
    static let unavailable: Self = "service.unavailable"
    static let internalError: Self = "service.internal"

    /// Every code that this API itself knows, for the test that each has its wording.
    static let all: [ProblemCode] =
        [
            malformedJSON, malformedID, malformedCursor, malformedIdempotencyKey, invalid, tooLarge, notJSON,
            unknownPath,
            wrongMethod, tokenMissing, tokenRefused, forbidden, orderNotFound, idempotencyMismatch, amountTooLarge,
            invalidLines, tooLateToCancel, orderNotCompleted, refundOpen, paymentNotFound, catalogueBehind,
            stockConflict, unavailable, internalError,
            tooManyRequests, overloaded, notificationsOff,
        ] + edge + access + stock + coupons + webhooks + audit + interventions
        + RefusalCode.allCases.map { ProblemCode($0) }

    /// What is answered before any route is found.
    private static let edge: [ProblemCode] = [malformedRequest, headerTooLarge, uriTooLong, tooSlow]

    private static let stock: [ProblemCode] = [
        categoryNotFound, categoryExists, tooManyCategories, reservationNotFound, reservationConflict,
    ]

    private static let access: [ProblemCode] = [
        wrongCredentials, wrongPassword, tooManyLogins, tokenWithoutID, nameTaken, walletFull, depositKeyReused,
        ownRights, lastAdmin,
    ]
}
