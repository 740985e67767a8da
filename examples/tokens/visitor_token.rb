# A visitor token, in Ruby, with the standard library. Runs as: ruby visitor_token.rb
# With the gem `jwt` it is one call: JWT.encode(claims, secret, "HS256", { kid: kid }).

require "json"
require "openssl"

def encode(data)
  [data].pack("m0").tr("+/", "-_").delete("=")
end

# A token for a visitor who is logged in; user[:id] never changes.
def visitor_token(user)
  now = Time.now.to_i
  header = { alg: "HS256", typ: "JWT", kid: ENV.fetch("ORIEL_SIGNING_KID") }
  claims = {
    aud: ENV.fetch("ORIEL_SITE_KEY"),
    sub: user[:id],
    name: user[:name],
    email: user[:email],
    iat: now,
    exp: now + 300,
  }
  signed = [header, claims].map { |part| encode(JSON.generate(part)) }.join(".")
  "#{signed}.#{encode(OpenSSL::HMAC.digest("SHA256", ENV.fetch("ORIEL_SIGNING_SECRET"), signed))}"
end

puts visitor_token({ id: "user-42", name: "Ann Miller", email: "ann@example.com" })
