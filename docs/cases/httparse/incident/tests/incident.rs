//! What was reported on the days after 1.9.0, as a test would say it.

#[test]
fn a_value_may_follow_its_colon_at_once() {
    let mut headers = [httparse::EMPTY_HEADER; 2];
    let mut request = httparse::Request::new(&mut headers);
    let asked = request.parse(b"GET / HTTP/1.1\r\nHost:www.example.com\r\nAccept:*/*\r\n\r\n");
    assert!(matches!(asked, Ok(httparse::Status::Complete(_))), "{asked:?}");
    assert_eq!(request.headers[0].value, b"www.example.com");
    assert_eq!(request.headers[1].value, b"*/*");
}
