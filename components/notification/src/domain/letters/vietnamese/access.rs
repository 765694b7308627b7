//! Letters about the ways into an account: each that is made, each lock that is put on or taken off, and addresses
//! that lose their place.

use super::{Draft, Words};

/// `None`: it is no such letter.
pub(super) fn words(draft: &Draft<'_>) -> Option<Words> {
    let when = draft
        .moment("at")
        .map_or_else(String::new, |at| format!(" lúc {at}"));
    let named = |plain: &str| draft.fact("name").unwrap_or(plain).to_owned();
    let (subject, before, after, short) = match draft.template {
        "identity_linked" => (
            "Thêm một cách đăng nhập vào tài khoản của bạn",
            format!(
                "Tài khoản Stoa của bạn đã được liên kết với {}{when}: ai đăng nhập ở đó đều có thể đăng nhập vào tài khoản.",
                named("một nhà cung cấp")
            ),
            "Nếu là bạn thì mọi việc đều ổn. Nếu không, hãy đặt mật khẩu mới ngay: mọi phiên sẽ kết thúc và liên kết bị gỡ.",
            format!(
                "Stoa: {} giờ có thể đăng nhập vào tài khoản của bạn.",
                named("một nhà cung cấp")
            ),
        ),
        "api_key_made" => (
            "Một khóa vào tài khoản của bạn đã được tạo",
            format!(
                "Một khóa cho chương trình{} đã được tạo cho tài khoản Stoa của bạn{when}. Ai có khóa này đều có thể thay mặt bạn.",
                draft
                    .fact("name")
                    .map_or_else(String::new, |name| format!(", {name}…,"))
            ),
            "Nếu là bạn thì mọi việc đều ổn. Nếu không, hãy đặt mật khẩu mới ngay: mọi phiên sẽ kết thúc và mọi khóa bị thu hồi.",
            "Stoa: một khóa cho chương trình đã được tạo cho tài khoản của bạn.".to_owned(),
        ),
        "second_factor_on" => (
            "Xác thực hai bước đã được bật",
            format!(
                "Xác thực hai bước đã được bật cho tài khoản Stoa của bạn{when}: từ nay đăng nhập cần một mã của ứng dụng xác thực."
            ),
            "Nếu là bạn thì mọi việc đều ổn: hãy giữ các mã khôi phục. Nếu không, hãy đặt mật khẩu mới ngay và viết cho người vận hành cửa hàng.",
            "Stoa: xác thực hai bước đã được bật cho tài khoản của bạn.".to_owned(),
        ),
        "second_factor_off" => (
            "Xác thực hai bước đã được tắt",
            format!(
                "Xác thực hai bước của tài khoản Stoa của bạn đã được tắt{when}, bằng mật khẩu và một mã: đăng nhập chỉ cần mật khẩu."
            ),
            "Nếu là bạn thì mọi việc đều ổn. Nếu không, hãy đặt mật khẩu mới ngay: mọi phiên sẽ kết thúc.",
            "Stoa: xác thực hai bước của tài khoản của bạn đã được tắt.".to_owned(),
        ),
        "second_factor_taken_away" => (
            "Xác thực hai bước của bạn đã bị gỡ",
            format!(
                "Quản trị viên đã gỡ xác thực hai bước của tài khoản Stoa của bạn{when}, vì có người báo bị mất. Mọi phiên đã kết thúc, và đăng nhập chỉ cần mật khẩu."
            ),
            "Nếu bạn đã yêu cầu, hãy đăng nhập và bật lại. Nếu không, hãy đặt mật khẩu mới ngay và viết cho người vận hành cửa hàng.",
            "Stoa: quản trị viên đã gỡ xác thực hai bước của tài khoản của bạn.".to_owned(),
        ),
        "email_changed" => (
            "Tài khoản của bạn đã có địa chỉ e-mail khác",
            format!(
                "Một địa chỉ e-mail khác đã thay cho địa chỉ này trong tài khoản Stoa của bạn{when}: từ nay không ai đăng nhập bằng địa chỉ này được nữa, và tin về tài khoản không gửi đến đây."
            ),
            "Nếu là bạn thì mọi việc đều ổn. Nếu không, hãy đặt mật khẩu mới ngay, bằng số điện thoại của tài khoản hoặc sau khi đăng nhập bằng tên người dùng: mọi phiên sẽ kết thúc. Và hãy viết cho người vận hành cửa hàng.",
            "Stoa: một địa chỉ e-mail khác đã thay cho địa chỉ của bạn.".to_owned(),
        ),
        "phone_changed" => (
            "Tài khoản của bạn đã có số điện thoại khác",
            format!(
                "Một số điện thoại khác đã thay cho số này trong tài khoản Stoa của bạn{when}: từ nay không ai đăng nhập bằng số này được nữa, và tin về tài khoản không gửi đến đây."
            ),
            "Nếu là bạn thì mọi việc đều ổn. Nếu không, hãy đặt mật khẩu mới ngay, bằng địa chỉ e-mail của tài khoản hoặc sau khi đăng nhập bằng tên người dùng: mọi phiên sẽ kết thúc. Và hãy viết cho người vận hành cửa hàng.",
            "Stoa: một số điện thoại khác đã thay cho số của bạn.".to_owned(),
        ),
        _ => return None,
    };
    Some(Words {
        subject: subject.into(),
        before,
        button: "Không phải tôi",
        after: after.into(),
        why: super::SECURITY.into(),
        short: format!("{short} Nếu không phải bạn, hãy đặt mật khẩu mới ngay:"),
    })
}
