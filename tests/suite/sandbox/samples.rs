//! Business calls that answer more than a plain success: lists that page, a file, an upload.

use serde_json::{Value, json};

use super::stage::{Stage, assert_refused, text};

async fn get(stage: &Stage, path: &str, token: &str, query: &str) -> reqwest::Response {
    let url = format!("{}{path}?access_token={token}{query}", stage.base);
    stage.http.get(url).send().await.expect("an answer")
}

#[tokio::test]
async fn followers_come_10000_at_once_after_the_openid_that_is_named() {
    let stage = Stage::new().await;
    let account = stage.account("official_account", true).await;
    let token = stage.authorizer_token(&account).await;
    let page = async |after: &str| -> Value {
        let query = format!("&next_openid={after}");
        let answer = get(&stage, "/cgi-bin/user/get", &token, &query).await;
        answer.json().await.expect("JSON")
    };
    let first = page("").await;
    assert_eq!(
        (&first["total"], &first["count"]),
        (&json!(12_345), &json!(10_000))
    );
    let last = text(&first, "next_openid");
    assert_eq!(first["data"]["openid"][9_999], last.as_str());
    let second = page(&last).await;
    assert_eq!(second["count"], 2_345);
    let third = page(&text(&second, "next_openid")).await;
    assert_eq!(
        third,
        json!({"total": 12_345, "count": 0, "next_openid": ""})
    );
    assert_refused(&page("nobody").await, 40097);
}

#[tokio::test]
async fn products_and_drafts_come_in_pages() {
    let stage = Stage::new().await;
    let window = stage.account("channels", true).await;
    let platform = json!({"permission_ids": [177]});
    stage.order("platform", platform).await;
    let grant = json!({"appid": window, "permissions": [177]});
    stage.order("update", grant).await;
    let token = stage.authorizer_token(&window).await;
    let path = format!("/channels/ec/window/product/list/get?access_token={token}");
    let ask = async |after: &Value| {
        let fields = json!({"page_size": 40, "need_total_num": true, "last_buffer": after});
        stage.post(&path, &fields).await
    };
    let first = ask(&json!("")).await;
    assert_eq!(first["total_num"], 75);
    let second = ask(&first["last_buffer"]).await;
    assert_eq!(second["products"].as_array().map(Vec::len), Some(35));
    assert_ne!(first["products"][0], second["products"][0]);
    let third = ask(&second["last_buffer"]).await;
    assert_eq!(third["products"], json!([]));
    assert_refused(&ask(&json!("other")).await, 40097);
    let large = stage.post(&path, &json!({"page_size": 201})).await;
    assert_refused(&large, 40097);

    let official = stage.account("official_account", true).await;
    let token = stage.authorizer_token(&official).await;
    let path = format!("/cgi-bin/draft/batchget?access_token={token}");
    let drafts = stage.post(&path, &json!({"offset": 40, "count": 20})).await;
    assert_eq!(
        (&drafts["total_count"], &drafts["item_count"]),
        (&json!(45), &json!(5))
    );
    assert_refused(
        &stage.post(&path, &json!({"offset": 0, "count": 21})).await,
        40097,
    );
}

#[tokio::test]
async fn media_is_a_file_and_an_upload_is_read_from_its_form() {
    let stage = Stage::new().await;
    let account = stage.account("official_account", true).await;
    let token = stage.authorizer_token(&account).await;
    let picture = get(&stage, "/cgi-bin/media/get", &token, "&media_id=M1").await;
    assert_eq!(picture.headers()["content-type"], "image/jpeg");
    assert_eq!(
        picture.headers()["content-disposition"],
        "attachment; filename=\"M1.jpg\""
    );
    assert!(
        picture
            .bytes()
            .await
            .expect("bytes")
            .starts_with(b"\xff\xd8")
    );
    let upload = async |body: &str, kind: &str| -> Value {
        let url = format!(
            "{}/cgi-bin/media/upload?access_token={token}&type={kind}",
            stage.base
        );
        let request = stage
            .http
            .post(url)
            .header("content-type", "multipart/form-data; boundary=b");
        let answer = request
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        answer.json().await.expect("JSON")
    };
    let part = "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\n\r\nabc\r\n--b--\r\n";
    let taken = upload(part, "image").await;
    // SHA-256 of `abc`, from the standard's own example.
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(
        (text(&taken, "media_id").as_str(), &taken["type"]),
        (digest, &json!("image"))
    );
    assert_refused(&upload(part, "other").await, 40097);
    assert_refused(&upload("--b--\r\n", "image").await, 40097);
}
