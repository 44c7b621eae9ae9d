import Coupons
import HTTPTypes
import PurchaseContracts

extension ProblemCode {
    static let couponCodeTaken: Self = "coupons.code-taken"
    static let couponAlreadyIssued: Self = "coupons.already-issued"
    static let couponKeyReused: Self = "coupons.key-reused"
    static let couponBelowIssued: Self = "coupons.below-issued"
    static let issueJobNotFound: Self = "coupons.issue-job-not-found"

    /// What only the coupon paths answer.
    static let coupons: [ProblemCode] = [
        couponCodeTaken, couponAlreadyIssued, couponKeyReused, couponBelowIssued, issueJobNotFound,
    ]
}

extension APIError {
    init(_ refusal: CouponsRefusal) {
        switch refusal {
        case .refused(let refusal):
            self.init(
                refusal.code == .couponNotFound ? .notFound : .conflict, ProblemCode(refusal.code),
                parameters: refusal.parameters)
        case .invalid(let field): self = .invalid([FieldProblem(pointer: "/\(field)", code: .invalid)])
        case .codeTaken: self.init(.conflict, .couponCodeTaken)
        case .alreadyIssued: self.init(.conflict, .couponAlreadyIssued)
        case .keyReused: self.init(.unprocessableContent, .couponKeyReused)
        case .belowIssued(let issued):
            self.init(.conflict, .couponBelowIssued, parameters: ["issued": issued])
        }
    }
}
