//! Reads 2,000 requests and as many answers: what a server and a client do all day.

const REQUEST: &[u8] = b"GET /articles/17?page=2 HTTP/1.1\r\n\
Host: www.example.com\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
Accept-Language: en-GB,en;q=0.5\r\n\
Accept-Encoding: gzip, deflate, br\r\n\
Connection: keep-alive\r\n\
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\
Cache-Control: max-age=0\r\n\r\n";

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\
Date: Mon, 10 Jun 2024 09:00:00 GMT\r\n\
Server: example\r\n\
Content-Type: text/html; charset=utf-8\r\n\
Content-Length: 5120\r\n\
Cache-Control: max-age=600\r\n\
Vary: Accept-Encoding\r\n\
Connection: keep-alive\r\n\r\n";

fn main() {
    let mut length = 0;
    for _ in 0..2_000 {
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut request = httparse::Request::new(&mut headers);
        length += read(request.parse(REQUEST));
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut answer = httparse::Response::new(&mut headers);
        length += read(answer.parse(ANSWER));
    }
    assert_eq!(length, 2_000 * (REQUEST.len() + ANSWER.len()));
}

fn read(status: httparse::Result<usize>) -> usize {
    match status {
        Ok(httparse::Status::Complete(length)) => length,
        other => panic!("{other:?}"),
    }
}
