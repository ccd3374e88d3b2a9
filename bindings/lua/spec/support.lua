-- SPDX-License-Identifier: Apache-2.0
-- What the specs share.
local support = {}

support.RULES = [[
- rule: Root used
  desc: The root account did something
  condition: ct.user.identitytype = Root and not ct.name in (ConsoleLogin)
  output: root did %ct.name from %ct.srcip (error=%ct.error)
  priority: WARNING
  source: aws_cloudtrail
  tags: [aws, T1078]
]]

function support.record(name)
    return ('{"eventID":"id-%s","eventType":"AwsApiCall","eventTime":"2024-05-01T10:00:00Z",'
        .. '"eventSource":"iam.amazonaws.com","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7",'
        .. '"eventName":"%s","userIdentity":{"type":"Root"}}'):format(name, name)
end

--- A file with @a text, removed by the caller.
function support.file(text)
    local path = os.tmpname()
    os.remove(path)
    path = path .. ".json"
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    return path
end

return support
