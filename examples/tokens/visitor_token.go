// A visitor token, in Go, with the standard library. Runs as: go run visitor_token.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"
)

type user struct{ ID, Name, Email string }

// visitorToken makes a token for a visitor who is logged in; the ID never changes.
func visitorToken(u user) (string, error) {
	now := time.Now().Unix()
	header, err := json.Marshal(map[string]any{"alg": "HS256", "typ": "JWT", "kid": os.Getenv("ORIEL_SIGNING_KID")})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"aud": os.Getenv("ORIEL_SITE_KEY"), "sub": u.ID, "name": u.Name, "email": u.Email, "iat": now, "exp": now + 300,
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(header) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(os.Getenv("ORIEL_SIGNING_SECRET")))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil)), nil
}

func main() {
	token, err := visitorToken(user{"user-42", "Ann Miller", "ann@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token)
}
