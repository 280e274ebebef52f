// @connectrpc/connect-web with what protoc-gen-es generated.
import { toJson, fromJson, type DescMessage, type DescMethod, type DescService } from "@bufbuild/protobuf";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { BadRequestSchema, ErrorInfoSchema } from "#gen/google/rpc/error_details_pb";
import { services } from "#services";
import { expose, type Client, type Fault } from "./expose";

type Anything = any;

const client: Client = async (call, listener, gone) => {
  const [service, name] = call.rpc.split("/");
  const known = (services as Record<string, DescService>)[service];
  const method = known.methods.find((method) => method.name === name) as DescMethod;
  const made: Anything = createClient(known, createGrpcWebTransport({ baseUrl: call.base }));
  const request = fromJson(method.input as DescMessage, call.request as Anything);
  const told = (all: Headers) => Object.fromEntries(all.entries());
  const options = {
    headers: call.headers,
    timeoutMs: call.timeoutMs,
    signal: gone,
    onHeader: (all: Headers) => listener.headers(told(all)),
    onTrailer: (all: Headers) => listener.trailers(told(all)),
  };
  const tell = (message: Anything) => listener.message(toJson(method.output, message));
  try {
    if (call.streams) for await (const message of made[method.localName](request, options)) tell(message);
    else tell(await made[method.localName](request, options));
  } catch (error) {
    return fault(ConnectError.from(error));
  }
};

function fault(error: ConnectError): Fault {
  return {
    code: error.code,
    message: error.rawMessage,
    reason: error.findDetails(ErrorInfoSchema)[0]?.reason,
    violations: error.findDetails(BadRequestSchema)
      .flatMap((detail) => detail.fieldViolations)
      .map(({ field, description }) => ({ field, description })),
  };
}

expose(client);
