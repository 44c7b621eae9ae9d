import Coupons
import Hummingbird
import Items
import Orders
import SQLCore
import SagaChoreography
import SagaSQL
import Users

extension APIError {
    /// The one map from what can go wrong to what a client is told.
    ///
    /// What is not in it is an internal error: the client learns nothing but the id under which the logs know more.
    init(describing error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as OrdersRefusal: self.init(error)
        case let error as ItemsRefusal: self.init(error)
        case let error as UserRefusal: self.init(error)
        case let error as CouponsRefusal: self.init(error)
        case let error as DeadLetterRefusal: self.init(error)
        case let error as SQLError: self.init(SagaFault(error))
        case let fault as SagaFault: self.init(fault)
        case let error as any HTTPResponseError: self.init(error.status)
        case is PasswordHasherBusy: self = .unavailable(retryAfter: 2)
        case is CancellationError: self = .unavailable(retryAfter: 1)
        default: self.init(.internalServerError, .internalError)
        }
    }

    private init(_ refusal: OrdersRefusal) {
        let status: HTTPResponse.Status =
            switch refusal {
            case .tooManyUnderWay: .serviceUnavailable
            case .itemNotFound: .notFound
            case .itemOffSale: .conflict
            case .idempotencyMismatch, .amountTooLarge, .invalidLines: .unprocessableContent
            }
        self.init(
            status, ProblemCode(stringLiteral: refusal.code),
            headers: refusal == .tooManyUnderWay ? [.retryAfter: "2"] : [:])
    }

    private init(_ refusal: ItemsRefusal) {
        switch refusal {
        case .itemNotFound: self.init(.notFound, ProblemCode(.itemNotFound))
        case .invalid(let field): self = .invalid([FieldProblem(pointer: "/\(field)", code: .invalid)])
        case .categoryNotFound: self = .invalid([FieldProblem(pointer: "/categoryId", code: .unknownCategory)])
        case .categoryExists: self.init(.conflict, .categoryExists)
        case .tooManyCategories: self.init(.conflict, .tooManyCategories)
        case .reservationNotFound: self.init(.notFound, .reservationNotFound)
        case .reservationConflict: self.init(.conflict, .reservationConflict)
        case .itemExists: self.init(.conflict, .stockConflict)
        }
    }

    private init(_ refusal: UserRefusal) {
        switch refusal {
        case .userNotFound: self.init(.notFound, ProblemCode(.userNotFound))
        case .invalidName: self = .invalid([FieldProblem(pointer: "/name", code: .invalid)])
        case .invalidSlotCapacity: self = .invalid([FieldProblem(pointer: "/slotCapacity", code: .invalid)])
        case .invalidAmount: self = .invalid([FieldProblem(pointer: "/amount", code: .invalid)])
        case .nameTaken: self.init(.conflict, .nameTaken)
        case .walletFull: self.init(.conflict, .walletFull)
        case .ownRights: self.init(.conflict, .ownRights)
        case .lastAdmin: self.init(.conflict, .lastAdmin)
        case .keyReused: self.init(.unprocessableContent, .depositKeyReused)
        case .wrongCredentials: self.init(.unprocessableContent, .wrongPassword)
        case .idTaken: self.init(.internalServerError, .internalError)
        }
    }

    private init(_ fault: SagaFault) {
        switch fault {
        case .unavailable: self = .unavailable(retryAfter: 1)
        case .retryable, .permanent: self.init(.internalServerError, .internalError)
        }
    }

    /// What the HTTP library itself refuses.
    private init(_ status: HTTPResponse.Status) {
        switch status {
        case .notFound: self.init(.notFound, .unknownPath)
        case .contentTooLarge: self.init(.contentTooLarge, .tooLarge)
        case .unsupportedMediaType: self.init(.unsupportedMediaType, .notJSON)
        default:
            if status.kind == .clientError {
                self.init(status, .invalid)
            } else {
                self.init(.internalServerError, .internalError)
            }
        }
    }
}
