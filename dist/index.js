import { createRequire } from "module";

/******/ var __webpack_modules__ = {
	/***/ 205: /***/ (__unused_webpack_module, exports, __nccwpck_require__) => {
		/**
		 * @actions/http-client makes an agent of this package for each client behind a proxy. This action hands every such
		 * request an agent of its own (src/collibra/tunnel.ts), which keeps the connection alive. Should a request ever go
		 * out with the other one, this fails loudly.
		 */
		const { Agent } = __nccwpck_require__(67);

		class NeverUsed extends Agent {
			createConnection() {
				throw new Error("tunnel is left out of this bundle (see dev/stubs/tunnel)");
			}
		}

		for (const name of ["httpOverHttp", "httpsOverHttp", "httpOverHttps", "httpsOverHttps"])
			exports[name] = () => new NeverUsed();

		/***/
	},

	/***/ 119: /***/ (__unused_webpack_module, exports) => {
		/**
		 * @actions/http-client imports undici for getAgentDispatcher() alone, which this action never calls:
		 * requests and proxies go through node:http and node:https. Leaving it out keeps about 900 kB
		 * out of dist. Should http-client ever begin to use it, this fails loudly.
		 */
		exports.k = class ProxyAgent {
			constructor() {
				throw new Error("undici is left out of this bundle (see dev/stubs/undici)");
			}
		};

		/***/
	},

	/***/ 67: /***/ (module) => {
		module.exports = createRequire(import.meta.url)("node:http");

		/***/
	},

	/******/
};
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
	/******/ // Check if module is in cache
	/******/ var cachedModule = __webpack_module_cache__[moduleId];
	/******/ if (cachedModule !== undefined) {
		/******/ return cachedModule.exports;
		/******/
	}
	/******/ // Create a new module (and put it into the cache)
	/******/ var module = (__webpack_module_cache__[moduleId] = {
		/******/ // no module.id needed
		/******/ // no module.loaded needed
		/******/ exports: {},
		/******/
	});
	/******/
	/******/ // Execute the module function
	/******/ var threw = true;
	/******/ try {
		/******/ __webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
		/******/ threw = false;
		/******/
	} finally {
		/******/ if (threw) delete __webpack_module_cache__[moduleId];
		/******/
	}
	/******/
	/******/ // Return the exports of the module
	/******/ return module.exports;
	/******/
}
/******/
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== "undefined")
	__nccwpck_require__.ab =
		decodeURIComponent(new URL(".", import.meta.url).pathname).slice(
			import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0,
			-1,
		) + "/";
/******/
/******/ /* webpack/runtime/create fake namespace object */
/******/ (() => {
	/******/ var getProto = Object.getPrototypeOf ? (obj) => Object.getPrototypeOf(obj) : (obj) => obj.__proto__;
	/******/ var leafPrototypes;
	/******/ // create a fake namespace object
	/******/ // mode & 1: value is a module id, require it
	/******/ // mode & 2: merge all properties of value into the ns
	/******/ // mode & 4: return value when already ns object
	/******/ // mode & 16: return value when it's Promise-like
	/******/ // mode & 8|1: behave like require
	/******/ __nccwpck_require__.t = function (value, mode) {
		/******/ if (mode & 1) value = this(value);
		/******/ if (mode & 8) return value;
		/******/ if (typeof value === "object" && value) {
			/******/ if (mode & 4 && value.__esModule) return value;
			/******/ if (mode & 16 && typeof value.then === "function") return value;
			/******/
		}
		/******/ var ns = Object.create(null);
		/******/ __nccwpck_require__.r(ns);
		/******/ var def = {};
		/******/ leafPrototypes = leafPrototypes || [null, getProto({}), getProto([]), getProto(getProto)];
		/******/ for (
			var current = mode & 2 && value;
			typeof current == "object" && !~leafPrototypes.indexOf(current);
			current = getProto(current)
		) {
			/******/ Object.getOwnPropertyNames(current).forEach((key) => (def[key] = () => value[key]));
			/******/
		}
		/******/ def["default"] = () => value;
		/******/ __nccwpck_require__.d(ns, def);
		/******/ return ns;
		/******/
	};
	/******/
})();
/******/
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
	/******/ // define getter functions for harmony exports
	/******/ __nccwpck_require__.d = (exports, definition) => {
		/******/ for (var key in definition) {
			/******/ if (__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
				/******/ Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
				/******/
			}
			/******/
		}
		/******/
	};
	/******/
})();
/******/
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
	/******/ __nccwpck_require__.o = (obj, prop) => Object.prototype.hasOwnProperty.call(obj, prop);
	/******/
})();
/******/
/******/ /* webpack/runtime/make namespace object */
/******/ (() => {
	/******/ // define __esModule on exports
	/******/ __nccwpck_require__.r = (exports) => {
		/******/ if (typeof Symbol !== "undefined" && Symbol.toStringTag) {
			/******/ Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
			/******/
		}
		/******/ Object.defineProperty(exports, "__esModule", { value: true });
		/******/
	};
	/******/
})();
const external_os_namespaceObject = createRequire(import.meta.url)("os");
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */
/**
 * Sanitizes an input into a string so it can be passed into issueCommand safely
 * @param input input to sanitize into a string
 */
function utils_toCommandValue(input) {
	if (input === null || input === undefined) {
		return "";
	} else if (typeof input === "string" || input instanceof String) {
		return input;
	}
	return JSON.stringify(input);
}
/**
 *
 * @param annotationProperties
 * @returns The command properties to send with the actual annotation command
 * See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
 */
function utils_toCommandProperties(annotationProperties) {
	if (!Object.keys(annotationProperties).length) {
		return {};
	}
	return {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn,
	};
}

/**
 * Issues a command to the GitHub Actions runner
 *
 * @param command - The command name to issue
 * @param properties - Additional properties for the command (key-value pairs)
 * @param message - The message to include with the command
 * @remarks
 * This function outputs a specially formatted string to stdout that the Actions
 * runner interprets as a command. These commands can control workflow behavior,
 * set outputs, create annotations, mask values, and more.
 *
 * Command Format:
 *   ::name key=value,key=value::message
 *
 * @example
 * ```typescript
 * // Issue a warning annotation
 * issueCommand('warning', {}, 'This is a warning message');
 * // Output: ::warning::This is a warning message
 *
 * // Set an environment variable
 * issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
 * // Output: ::set-env name=MY_VAR::some value
 *
 * // Add a secret mask
 * issueCommand('add-mask', {}, 'secretValue123');
 * // Output: ::add-mask::secretValue123
 * ```
 *
 * @internal
 * This is an internal utility function that powers the public API functions
 * such as setSecret, warning, error, and exportVariable.
 */
function command_issueCommand(command, properties, message) {
	const cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + external_os_namespaceObject.EOL);
}
const CMD_STRING = "::";
class Command {
	constructor(command, properties, message) {
		if (!command) {
			command = "missing.command";
		}
		this.command = command;
		this.properties = properties;
		this.message = message;
	}
	toString() {
		let cmdStr = CMD_STRING + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += " ";
			let first = true;
			for (const key in this.properties) {
				if (this.properties.hasOwnProperty(key)) {
					const val = this.properties[key];
					if (val) {
						if (first) {
							first = false;
						} else {
							cmdStr += ",";
						}
						cmdStr += `${key}=${escapeProperty(val)}`;
					}
				}
			}
		}
		cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
		return cmdStr;
	}
}
function escapeData(s) {
	return utils_toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
	return utils_toCommandValue(s)
		.replace(/%/g, "%25")
		.replace(/\r/g, "%0D")
		.replace(/\n/g, "%0A")
		.replace(/:/g, "%3A")
		.replace(/,/g, "%2C");
}
const external_crypto_namespaceObject = createRequire(import.meta.url)("crypto");
const external_fs_namespaceObject = createRequire(import.meta.url)("fs");
// For internal use, subject to change.
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */

function file_command_issueFileCommand(command, message) {
	const filePath = process.env[`GITHUB_${command}`];
	if (!filePath) {
		throw new Error(`Unable to find environment variable for file command ${command}`);
	}
	if (!external_fs_namespaceObject.existsSync(filePath)) {
		throw new Error(`Missing file at path: ${filePath}`);
	}
	external_fs_namespaceObject.appendFileSync(
		filePath,
		`${utils_toCommandValue(message)}${external_os_namespaceObject.EOL}`,
		{
			encoding: "utf8",
		},
	);
}
function file_command_prepareKeyValueMessage(key, value) {
	const delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
	const convertedValue = utils_toCommandValue(value);
	// These should realistically never happen, but just in case someone finds a
	// way to exploit uuid generation let's not allow keys or values that contain
	// the delimiter.
	if (key.includes(delimiter)) {
		throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	}
	if (convertedValue.includes(delimiter)) {
		throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	}
	return `${key}<<${delimiter}${external_os_namespaceObject.EOL}${convertedValue}${external_os_namespaceObject.EOL}${delimiter}`;
}
createRequire(import.meta.url)("path");
const external_http_namespaceObject = createRequire(import.meta.url)("http");
var external_http_namespaceObject_0 = /*#__PURE__*/ __nccwpck_require__.t(external_http_namespaceObject, 2);
const external_https_namespaceObject = createRequire(import.meta.url)("https");
var external_https_namespaceObject_0 = /*#__PURE__*/ __nccwpck_require__.t(external_https_namespaceObject, 2);
function getProxyUrl(reqUrl) {
	const usingSsl = reqUrl.protocol === "https:";
	if (checkBypass(reqUrl)) {
		return undefined;
	}
	const proxyVar = (() => {
		if (usingSsl) {
			return process.env["https_proxy"] || process.env["HTTPS_PROXY"];
		} else {
			return process.env["http_proxy"] || process.env["HTTP_PROXY"];
		}
	})();
	if (proxyVar) {
		try {
			return new DecodedURL(proxyVar);
		} catch (_a) {
			if (!proxyVar.startsWith("http://") && !proxyVar.startsWith("https://"))
				return new DecodedURL(`http://${proxyVar}`);
		}
	} else {
		return undefined;
	}
}
function checkBypass(reqUrl) {
	if (!reqUrl.hostname) {
		return false;
	}
	const reqHost = reqUrl.hostname;
	if (isLoopbackAddress(reqHost)) {
		return true;
	}
	const noProxy = process.env["no_proxy"] || process.env["NO_PROXY"] || "";
	if (!noProxy) {
		return false;
	}
	// Determine the request port
	let reqPort;
	if (reqUrl.port) {
		reqPort = Number(reqUrl.port);
	} else if (reqUrl.protocol === "http:") {
		reqPort = 80;
	} else if (reqUrl.protocol === "https:") {
		reqPort = 443;
	}
	// Format the request hostname and hostname with port
	const upperReqHosts = [reqUrl.hostname.toUpperCase()];
	if (typeof reqPort === "number") {
		upperReqHosts.push(`${upperReqHosts[0]}:${reqPort}`);
	}
	// Compare request host against noproxy
	for (const upperNoProxyItem of noProxy
		.split(",")
		.map((x) => x.trim().toUpperCase())
		.filter((x) => x)) {
		if (
			upperNoProxyItem === "*" ||
			upperReqHosts.some(
				(x) =>
					x === upperNoProxyItem ||
					x.endsWith(`.${upperNoProxyItem}`) ||
					(upperNoProxyItem.startsWith(".") && x.endsWith(`${upperNoProxyItem}`)),
			)
		) {
			return true;
		}
	}
	return false;
}
function isLoopbackAddress(host) {
	const hostLower = host.toLowerCase();
	return (
		hostLower === "localhost" ||
		hostLower.startsWith("127.") ||
		hostLower.startsWith("[::1]") ||
		hostLower.startsWith("[0:0:0:0:0:0:0:1]")
	);
}
class DecodedURL extends URL {
	constructor(url, base) {
		super(url, base);
		this._decodedUsername = decodeURIComponent(super.username);
		this._decodedPassword = decodeURIComponent(super.password);
	}
	get username() {
		return this._decodedUsername;
	}
	get password() {
		return this._decodedPassword;
	}
}

// EXTERNAL MODULE: ./dev/stubs/tunnel/index.js
var tunnel = __nccwpck_require__(205);
// EXTERNAL MODULE: ./dev/stubs/undici/index.js
var undici = __nccwpck_require__(119);
/* eslint-disable @typescript-eslint/no-explicit-any */
var __awaiter = function (thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P
			? value
			: new P(function (resolve) {
					resolve(value);
				});
	}
	return new (P || (P = Promise))(function (resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};

var HttpCodes;
(function (HttpCodes) {
	HttpCodes[(HttpCodes["OK"] = 200)] = "OK";
	HttpCodes[(HttpCodes["MultipleChoices"] = 300)] = "MultipleChoices";
	HttpCodes[(HttpCodes["MovedPermanently"] = 301)] = "MovedPermanently";
	HttpCodes[(HttpCodes["ResourceMoved"] = 302)] = "ResourceMoved";
	HttpCodes[(HttpCodes["SeeOther"] = 303)] = "SeeOther";
	HttpCodes[(HttpCodes["NotModified"] = 304)] = "NotModified";
	HttpCodes[(HttpCodes["UseProxy"] = 305)] = "UseProxy";
	HttpCodes[(HttpCodes["SwitchProxy"] = 306)] = "SwitchProxy";
	HttpCodes[(HttpCodes["TemporaryRedirect"] = 307)] = "TemporaryRedirect";
	HttpCodes[(HttpCodes["PermanentRedirect"] = 308)] = "PermanentRedirect";
	HttpCodes[(HttpCodes["BadRequest"] = 400)] = "BadRequest";
	HttpCodes[(HttpCodes["Unauthorized"] = 401)] = "Unauthorized";
	HttpCodes[(HttpCodes["PaymentRequired"] = 402)] = "PaymentRequired";
	HttpCodes[(HttpCodes["Forbidden"] = 403)] = "Forbidden";
	HttpCodes[(HttpCodes["NotFound"] = 404)] = "NotFound";
	HttpCodes[(HttpCodes["MethodNotAllowed"] = 405)] = "MethodNotAllowed";
	HttpCodes[(HttpCodes["NotAcceptable"] = 406)] = "NotAcceptable";
	HttpCodes[(HttpCodes["ProxyAuthenticationRequired"] = 407)] = "ProxyAuthenticationRequired";
	HttpCodes[(HttpCodes["RequestTimeout"] = 408)] = "RequestTimeout";
	HttpCodes[(HttpCodes["Conflict"] = 409)] = "Conflict";
	HttpCodes[(HttpCodes["Gone"] = 410)] = "Gone";
	HttpCodes[(HttpCodes["TooManyRequests"] = 429)] = "TooManyRequests";
	HttpCodes[(HttpCodes["InternalServerError"] = 500)] = "InternalServerError";
	HttpCodes[(HttpCodes["NotImplemented"] = 501)] = "NotImplemented";
	HttpCodes[(HttpCodes["BadGateway"] = 502)] = "BadGateway";
	HttpCodes[(HttpCodes["ServiceUnavailable"] = 503)] = "ServiceUnavailable";
	HttpCodes[(HttpCodes["GatewayTimeout"] = 504)] = "GatewayTimeout";
})(HttpCodes || (HttpCodes = {}));
var Headers;
(function (Headers) {
	Headers["Accept"] = "accept";
	Headers["ContentType"] = "content-type";
})(Headers || (Headers = {}));
var MediaTypes;
(function (MediaTypes) {
	MediaTypes["ApplicationJson"] = "application/json";
})(MediaTypes || (MediaTypes = {}));
const HttpRedirectCodes = [
	HttpCodes.MovedPermanently,
	HttpCodes.ResourceMoved,
	HttpCodes.SeeOther,
	HttpCodes.TemporaryRedirect,
	HttpCodes.PermanentRedirect,
];
const HttpResponseRetryCodes = [HttpCodes.BadGateway, HttpCodes.ServiceUnavailable, HttpCodes.GatewayTimeout];
const RetryableHttpVerbs = ["OPTIONS", "GET", "DELETE", "HEAD"];
const ExponentialBackoffCeiling = 10;
const ExponentialBackoffTimeSlice = 5;
class HttpClientError extends Error {
	constructor(message, statusCode) {
		super(message);
		this.name = "HttpClientError";
		this.statusCode = statusCode;
		Object.setPrototypeOf(this, HttpClientError.prototype);
	}
}
class HttpClientResponse {
	constructor(message) {
		this.message = message;
	}
	readBody() {
		return __awaiter(this, void 0, void 0, function* () {
			return new Promise((resolve) =>
				__awaiter(this, void 0, void 0, function* () {
					let output = Buffer.alloc(0);
					this.message.on("data", (chunk) => {
						output = Buffer.concat([output, chunk]);
					});
					this.message.on("end", () => {
						resolve(output.toString());
					});
				}),
			);
		});
	}
	readBodyBuffer() {
		return __awaiter(this, void 0, void 0, function* () {
			return new Promise((resolve) =>
				__awaiter(this, void 0, void 0, function* () {
					const chunks = [];
					this.message.on("data", (chunk) => {
						chunks.push(chunk);
					});
					this.message.on("end", () => {
						resolve(Buffer.concat(chunks));
					});
				}),
			);
		});
	}
}
class lib_HttpClient {
	constructor(userAgent, handlers, requestOptions) {
		this._ignoreSslError = false;
		this._allowRedirects = true;
		this._allowRedirectDowngrade = false;
		this._maxRedirects = 50;
		this._allowRetries = false;
		this._maxRetries = 1;
		this._keepAlive = false;
		this._disposed = false;
		this.userAgent = this._getUserAgentWithOrchestrationId(userAgent);
		this.handlers = handlers || [];
		this.requestOptions = requestOptions;
		if (requestOptions) {
			if (requestOptions.ignoreSslError != null) {
				this._ignoreSslError = requestOptions.ignoreSslError;
			}
			this._socketTimeout = requestOptions.socketTimeout;
			if (requestOptions.allowRedirects != null) {
				this._allowRedirects = requestOptions.allowRedirects;
			}
			if (requestOptions.allowRedirectDowngrade != null) {
				this._allowRedirectDowngrade = requestOptions.allowRedirectDowngrade;
			}
			if (requestOptions.maxRedirects != null) {
				this._maxRedirects = Math.max(requestOptions.maxRedirects, 0);
			}
			if (requestOptions.keepAlive != null) {
				this._keepAlive = requestOptions.keepAlive;
			}
			if (requestOptions.allowRetries != null) {
				this._allowRetries = requestOptions.allowRetries;
			}
			if (requestOptions.maxRetries != null) {
				this._maxRetries = requestOptions.maxRetries;
			}
		}
	}
	options(requestUrl, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request("OPTIONS", requestUrl, null, additionalHeaders || {});
		});
	}
	get(requestUrl, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request("GET", requestUrl, null, additionalHeaders || {});
		});
	}
	del(requestUrl, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request("DELETE", requestUrl, null, additionalHeaders || {});
		});
	}
	post(requestUrl, data, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request("POST", requestUrl, data, additionalHeaders || {});
		});
	}
	patch(requestUrl, data, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request("PATCH", requestUrl, data, additionalHeaders || {});
		});
	}
	put(requestUrl, data, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request("PUT", requestUrl, data, additionalHeaders || {});
		});
	}
	head(requestUrl, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request("HEAD", requestUrl, null, additionalHeaders || {});
		});
	}
	sendStream(verb, requestUrl, stream, additionalHeaders) {
		return __awaiter(this, void 0, void 0, function* () {
			return this.request(verb, requestUrl, stream, additionalHeaders);
		});
	}
	/**
	 * Gets a typed object from an endpoint
	 * Be aware that not found returns a null.  Other errors (4xx, 5xx) reject the promise
	 */
	getJson(requestUrl_1) {
		return __awaiter(this, arguments, void 0, function* (requestUrl, additionalHeaders = {}) {
			additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(
				additionalHeaders,
				Headers.Accept,
				MediaTypes.ApplicationJson,
			);
			const res = yield this.get(requestUrl, additionalHeaders);
			return this._processResponse(res, this.requestOptions);
		});
	}
	postJson(requestUrl_1, obj_1) {
		return __awaiter(this, arguments, void 0, function* (requestUrl, obj, additionalHeaders = {}) {
			const data = JSON.stringify(obj, null, 2);
			additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(
				additionalHeaders,
				Headers.Accept,
				MediaTypes.ApplicationJson,
			);
			additionalHeaders[Headers.ContentType] = this._getExistingOrDefaultContentTypeHeader(
				additionalHeaders,
				MediaTypes.ApplicationJson,
			);
			const res = yield this.post(requestUrl, data, additionalHeaders);
			return this._processResponse(res, this.requestOptions);
		});
	}
	putJson(requestUrl_1, obj_1) {
		return __awaiter(this, arguments, void 0, function* (requestUrl, obj, additionalHeaders = {}) {
			const data = JSON.stringify(obj, null, 2);
			additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(
				additionalHeaders,
				Headers.Accept,
				MediaTypes.ApplicationJson,
			);
			additionalHeaders[Headers.ContentType] = this._getExistingOrDefaultContentTypeHeader(
				additionalHeaders,
				MediaTypes.ApplicationJson,
			);
			const res = yield this.put(requestUrl, data, additionalHeaders);
			return this._processResponse(res, this.requestOptions);
		});
	}
	patchJson(requestUrl_1, obj_1) {
		return __awaiter(this, arguments, void 0, function* (requestUrl, obj, additionalHeaders = {}) {
			const data = JSON.stringify(obj, null, 2);
			additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(
				additionalHeaders,
				Headers.Accept,
				MediaTypes.ApplicationJson,
			);
			additionalHeaders[Headers.ContentType] = this._getExistingOrDefaultContentTypeHeader(
				additionalHeaders,
				MediaTypes.ApplicationJson,
			);
			const res = yield this.patch(requestUrl, data, additionalHeaders);
			return this._processResponse(res, this.requestOptions);
		});
	}
	/**
	 * Makes a raw http request.
	 * All other methods such as get, post, patch, and request ultimately call this.
	 * Prefer get, del, post and patch
	 */
	request(verb, requestUrl, data, headers) {
		return __awaiter(this, void 0, void 0, function* () {
			if (this._disposed) {
				throw new Error("Client has already been disposed.");
			}
			const parsedUrl = new URL(requestUrl);
			let info = this._prepareRequest(verb, parsedUrl, headers);
			// Only perform retries on reads since writes may not be idempotent.
			const maxTries = this._allowRetries && RetryableHttpVerbs.includes(verb) ? this._maxRetries + 1 : 1;
			let numTries = 0;
			let response;
			do {
				response = yield this.requestRaw(info, data);
				// Check if it's an authentication challenge
				if (response && response.message && response.message.statusCode === HttpCodes.Unauthorized) {
					let authenticationHandler;
					for (const handler of this.handlers) {
						if (handler.canHandleAuthentication(response)) {
							authenticationHandler = handler;
							break;
						}
					}
					if (authenticationHandler) {
						return authenticationHandler.handleAuthentication(this, info, data);
					} else {
						// We have received an unauthorized response but have no handlers to handle it.
						// Let the response return to the caller.
						return response;
					}
				}
				let redirectsRemaining = this._maxRedirects;
				while (
					response.message.statusCode &&
					HttpRedirectCodes.includes(response.message.statusCode) &&
					this._allowRedirects &&
					redirectsRemaining > 0
				) {
					const redirectUrl = response.message.headers["location"];
					if (!redirectUrl) {
						// if there's no location to redirect to, we won't
						break;
					}
					const parsedRedirectUrl = new URL(redirectUrl);
					if (
						parsedUrl.protocol === "https:" &&
						parsedUrl.protocol !== parsedRedirectUrl.protocol &&
						!this._allowRedirectDowngrade
					) {
						throw new Error(
							"Redirect from HTTPS to HTTP protocol. This downgrade is not allowed for security reasons. If you want to allow this behavior, set the allowRedirectDowngrade option to true.",
						);
					}
					// we need to finish reading the response before reassigning response
					// which will leak the open socket.
					yield response.readBody();
					// strip authorization header if redirected to a different hostname
					if (parsedRedirectUrl.hostname !== parsedUrl.hostname) {
						for (const header in headers) {
							// header names are case insensitive
							if (header.toLowerCase() === "authorization") {
								delete headers[header];
							}
						}
					}
					// let's make the request with the new redirectUrl
					info = this._prepareRequest(verb, parsedRedirectUrl, headers);
					response = yield this.requestRaw(info, data);
					redirectsRemaining--;
				}
				if (!response.message.statusCode || !HttpResponseRetryCodes.includes(response.message.statusCode)) {
					// If not a retry code, return immediately instead of retrying
					return response;
				}
				numTries += 1;
				if (numTries < maxTries) {
					yield response.readBody();
					yield this._performExponentialBackoff(numTries);
				}
			} while (numTries < maxTries);
			return response;
		});
	}
	/**
	 * Needs to be called if keepAlive is set to true in request options.
	 */
	dispose() {
		if (this._agent) {
			this._agent.destroy();
		}
		this._disposed = true;
	}
	/**
	 * Raw request.
	 * @param info
	 * @param data
	 */
	requestRaw(info, data) {
		return __awaiter(this, void 0, void 0, function* () {
			return new Promise((resolve, reject) => {
				function callbackForResult(err, res) {
					if (err) {
						reject(err);
					} else if (!res) {
						// If `err` is not passed, then `res` must be passed.
						reject(new Error("Unknown error"));
					} else {
						resolve(res);
					}
				}
				this.requestRawWithCallback(info, data, callbackForResult);
			});
		});
	}
	/**
	 * Raw request with callback.
	 * @param info
	 * @param data
	 * @param onResult
	 */
	requestRawWithCallback(info, data, onResult) {
		if (typeof data === "string") {
			if (!info.options.headers) {
				info.options.headers = {};
			}
			info.options.headers["Content-Length"] = Buffer.byteLength(data, "utf8");
		}
		let callbackCalled = false;
		function handleResult(err, res) {
			if (!callbackCalled) {
				callbackCalled = true;
				onResult(err, res);
			}
		}
		const req = info.httpModule.request(info.options, (msg) => {
			const res = new HttpClientResponse(msg);
			handleResult(undefined, res);
		});
		let socket;
		req.on("socket", (sock) => {
			socket = sock;
		});
		// If we ever get disconnected, we want the socket to timeout eventually
		req.setTimeout(this._socketTimeout || 3 * 60000, () => {
			if (socket) {
				socket.end();
			}
			handleResult(new Error(`Request timeout: ${info.options.path}`));
		});
		req.on("error", function (err) {
			// err has statusCode property
			// res should have headers
			handleResult(err);
		});
		if (data && typeof data === "string") {
			req.write(data, "utf8");
		}
		if (data && typeof data !== "string") {
			data.on("close", function () {
				req.end();
			});
			data.pipe(req);
		} else {
			req.end();
		}
	}
	/**
	 * Gets an http agent. This function is useful when you need an http agent that handles
	 * routing through a proxy server - depending upon the url and proxy environment variables.
	 * @param serverUrl  The server URL where the request will be sent. For example, https://api.github.com
	 */
	getAgent(serverUrl) {
		const parsedUrl = new URL(serverUrl);
		return this._getAgent(parsedUrl);
	}
	getAgentDispatcher(serverUrl) {
		const parsedUrl = new URL(serverUrl);
		const proxyUrl = getProxyUrl(parsedUrl);
		const useProxy = proxyUrl && proxyUrl.hostname;
		if (!useProxy) {
			return;
		}
		return this._getProxyAgentDispatcher(parsedUrl, proxyUrl);
	}
	_prepareRequest(method, requestUrl, headers) {
		const info = {};
		info.parsedUrl = requestUrl;
		const usingSsl = info.parsedUrl.protocol === "https:";
		info.httpModule = usingSsl ? external_https_namespaceObject_0 : external_http_namespaceObject_0;
		const defaultPort = usingSsl ? 443 : 80;
		info.options = {};
		info.options.host = info.parsedUrl.hostname;
		info.options.port = info.parsedUrl.port ? parseInt(info.parsedUrl.port) : defaultPort;
		info.options.path = (info.parsedUrl.pathname || "") + (info.parsedUrl.search || "");
		info.options.method = method;
		info.options.headers = this._mergeHeaders(headers);
		if (this.userAgent != null) {
			info.options.headers["user-agent"] = this.userAgent;
		}
		info.options.agent = this._getAgent(info.parsedUrl);
		// gives handlers an opportunity to participate
		if (this.handlers) {
			for (const handler of this.handlers) {
				handler.prepareRequest(info.options);
			}
		}
		return info;
	}
	_mergeHeaders(headers) {
		if (this.requestOptions && this.requestOptions.headers) {
			return Object.assign({}, lowercaseKeys(this.requestOptions.headers), lowercaseKeys(headers || {}));
		}
		return lowercaseKeys(headers || {});
	}
	/**
	 * Gets an existing header value or returns a default.
	 * Handles converting number header values to strings since HTTP headers must be strings.
	 * Note: This returns string | string[] since some headers can have multiple values.
	 * For headers that must always be a single string (like Content-Type), use the
	 * specialized _getExistingOrDefaultContentTypeHeader method instead.
	 */
	_getExistingOrDefaultHeader(additionalHeaders, header, _default) {
		let clientHeader;
		if (this.requestOptions && this.requestOptions.headers) {
			const headerValue = lowercaseKeys(this.requestOptions.headers)[header];
			if (headerValue) {
				clientHeader = typeof headerValue === "number" ? headerValue.toString() : headerValue;
			}
		}
		const additionalValue = additionalHeaders[header];
		if (additionalValue !== undefined) {
			return typeof additionalValue === "number" ? additionalValue.toString() : additionalValue;
		}
		if (clientHeader !== undefined) {
			return clientHeader;
		}
		return _default;
	}
	/**
	 * Specialized version of _getExistingOrDefaultHeader for Content-Type header.
	 * Always returns a single string (not an array) since Content-Type should be a single value.
	 * Converts arrays to comma-separated strings and numbers to strings to ensure type safety.
	 * This was split from _getExistingOrDefaultHeader to provide stricter typing for callers
	 * that assign the result to places expecting a string (e.g., additionalHeaders[Headers.ContentType]).
	 */
	_getExistingOrDefaultContentTypeHeader(additionalHeaders, _default) {
		let clientHeader;
		if (this.requestOptions && this.requestOptions.headers) {
			const headerValue = lowercaseKeys(this.requestOptions.headers)[Headers.ContentType];
			if (headerValue) {
				if (typeof headerValue === "number") {
					clientHeader = String(headerValue);
				} else if (Array.isArray(headerValue)) {
					clientHeader = headerValue.join(", ");
				} else {
					clientHeader = headerValue;
				}
			}
		}
		const additionalValue = additionalHeaders[Headers.ContentType];
		// Return the first non-undefined value, converting numbers or arrays to strings if necessary
		if (additionalValue !== undefined) {
			if (typeof additionalValue === "number") {
				return String(additionalValue);
			} else if (Array.isArray(additionalValue)) {
				return additionalValue.join(", ");
			} else {
				return additionalValue;
			}
		}
		if (clientHeader !== undefined) {
			return clientHeader;
		}
		return _default;
	}
	_getAgent(parsedUrl) {
		let agent;
		const proxyUrl = getProxyUrl(parsedUrl);
		const useProxy = proxyUrl && proxyUrl.hostname;
		if (this._keepAlive && useProxy) {
			agent = this._proxyAgent;
		}
		if (!useProxy) {
			agent = this._agent;
		}
		// if agent is already assigned use that agent.
		if (agent) {
			return agent;
		}
		const usingSsl = parsedUrl.protocol === "https:";
		let maxSockets = 100;
		if (this.requestOptions) {
			maxSockets = this.requestOptions.maxSockets || external_http_namespaceObject.globalAgent.maxSockets;
		}
		// This is `useProxy` again, but we need to check `proxyURl` directly for TypeScripts's flow analysis.
		if (proxyUrl && proxyUrl.hostname) {
			const agentOptions = {
				maxSockets,
				keepAlive: this._keepAlive,
				proxy: Object.assign(
					Object.assign(
						{},
						(proxyUrl.username || proxyUrl.password) && {
							proxyAuth: `${proxyUrl.username}:${proxyUrl.password}`,
						},
					),
					{ host: proxyUrl.hostname, port: proxyUrl.port },
				),
			};
			let tunnelAgent;
			const overHttps = proxyUrl.protocol === "https:";
			if (usingSsl) {
				tunnelAgent = overHttps ? tunnel.httpsOverHttps : tunnel.httpsOverHttp;
			} else {
				tunnelAgent = overHttps ? tunnel.httpOverHttps : tunnel.httpOverHttp;
			}
			agent = tunnelAgent(agentOptions);
			this._proxyAgent = agent;
		}
		// if tunneling agent isn't assigned create a new agent
		if (!agent) {
			const options = { keepAlive: this._keepAlive, maxSockets };
			agent = usingSsl
				? new external_https_namespaceObject.Agent(options)
				: new external_http_namespaceObject.Agent(options);
			this._agent = agent;
		}
		if (usingSsl && this._ignoreSslError) {
			// we don't want to set NODE_TLS_REJECT_UNAUTHORIZED=0 since that will affect request for entire process
			// http.RequestOptions doesn't expose a way to modify RequestOptions.agent.options
			// we have to cast it to any and change it directly
			agent.options = Object.assign(agent.options || {}, {
				rejectUnauthorized: false,
			});
		}
		return agent;
	}
	_getProxyAgentDispatcher(parsedUrl, proxyUrl) {
		let proxyAgent;
		if (this._keepAlive) {
			proxyAgent = this._proxyAgentDispatcher;
		}
		// if agent is already assigned use that agent.
		if (proxyAgent) {
			return proxyAgent;
		}
		const usingSsl = parsedUrl.protocol === "https:";
		proxyAgent = new undici /* ProxyAgent */.k(
			Object.assign(
				{ uri: proxyUrl.href, pipelining: !this._keepAlive ? 0 : 1 },
				(proxyUrl.username || proxyUrl.password) && {
					token: `Basic ${Buffer.from(`${proxyUrl.username}:${proxyUrl.password}`).toString("base64")}`,
				},
			),
		);
		this._proxyAgentDispatcher = proxyAgent;
		if (usingSsl && this._ignoreSslError) {
			// we don't want to set NODE_TLS_REJECT_UNAUTHORIZED=0 since that will affect request for entire process
			// http.RequestOptions doesn't expose a way to modify RequestOptions.agent.options
			// we have to cast it to any and change it directly
			proxyAgent.options = Object.assign(proxyAgent.options.requestTls || {}, {
				rejectUnauthorized: false,
			});
		}
		return proxyAgent;
	}
	_getUserAgentWithOrchestrationId(userAgent) {
		const baseUserAgent = userAgent || "actions/http-client";
		const orchId = process.env["ACTIONS_ORCHESTRATION_ID"];
		if (orchId) {
			// Sanitize the orchestration ID to ensure it contains only valid characters
			// Valid characters: 0-9, a-z, _, -, .
			const sanitizedId = orchId.replace(/[^a-z0-9_.-]/gi, "_");
			return `${baseUserAgent} actions_orchestration_id/${sanitizedId}`;
		}
		return baseUserAgent;
	}
	_performExponentialBackoff(retryNumber) {
		return __awaiter(this, void 0, void 0, function* () {
			retryNumber = Math.min(ExponentialBackoffCeiling, retryNumber);
			const ms = ExponentialBackoffTimeSlice * Math.pow(2, retryNumber);
			return new Promise((resolve) => setTimeout(() => resolve(), ms));
		});
	}
	_processResponse(res, options) {
		return __awaiter(this, void 0, void 0, function* () {
			return new Promise((resolve, reject) =>
				__awaiter(this, void 0, void 0, function* () {
					const statusCode = res.message.statusCode || 0;
					const response = {
						statusCode,
						result: null,
						headers: {},
					};
					// not found leads to null obj returned
					if (statusCode === HttpCodes.NotFound) {
						resolve(response);
					}
					// get the result from the body
					function dateTimeDeserializer(key, value) {
						if (typeof value === "string") {
							const a = new Date(value);
							if (!isNaN(a.valueOf())) {
								return a;
							}
						}
						return value;
					}
					let obj;
					let contents;
					try {
						contents = yield res.readBody();
						if (contents && contents.length > 0) {
							if (options && options.deserializeDates) {
								obj = JSON.parse(contents, dateTimeDeserializer);
							} else {
								obj = JSON.parse(contents);
							}
							response.result = obj;
						}
						response.headers = res.message.headers;
					} catch (err) {
						// Invalid resource (contents not json);  leaving result obj null
					}
					// note that 3xx redirects are handled by the http layer.
					if (statusCode > 299) {
						let msg;
						// if exception/error in body, attempt to get better error
						if (obj && obj.message) {
							msg = obj.message;
						} else if (contents && contents.length > 0) {
							// it may be the case that the exception is in the body message as string
							msg = contents;
						} else {
							msg = `Failed request: (${statusCode})`;
						}
						const err = new HttpClientError(msg, statusCode);
						err.result = response.result;
						reject(err);
					} else {
						resolve(response);
					}
				}),
			);
		});
	}
}
const lowercaseKeys = (obj) => Object.keys(obj).reduce((c, k) => ((c[k.toLowerCase()] = obj[k]), c), {});
external_os_namespaceObject.platform();
external_os_namespaceObject.arch();

/**
 * The code to exit an action
 */
var ExitCode;
(function (ExitCode) {
	/**
	 * A code indicating that the action was successful
	 */
	ExitCode[(ExitCode["Success"] = 0)] = "Success";
	/**
	 * A code indicating that the action was a failure
	 */
	ExitCode[(ExitCode["Failure"] = 1)] = "Failure";
})(ExitCode || (ExitCode = {}));
/**
 * Registers a secret which will get masked from logs
 *
 * @param secret - Value of the secret to be masked
 * @remarks
 * This function instructs the Actions runner to mask the specified value in any
 * logs produced during the workflow run. Once registered, the secret value will
 * be replaced with asterisks (***) whenever it appears in console output, logs,
 * or error messages.
 *
 * This is useful for protecting sensitive information such as:
 * - API keys
 * - Access tokens
 * - Authentication credentials
 * - URL parameters containing signatures (SAS tokens)
 *
 * Note that masking only affects future logs; any previous appearances of the
 * secret in logs before calling this function will remain unmasked.
 *
 * @example
 * ```typescript
 * // Register an API token as a secret
 * const apiToken = "abc123xyz456";
 * setSecret(apiToken);
 *
 * // Now any logs containing this value will show *** instead
 * console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
 * ```
 */
function core_setSecret(secret) {
	command_issueCommand("add-mask", {}, secret);
}
/**
 * Gets the value of an input.
 * Unless trimWhitespace is set to false in InputOptions, the value is also trimmed.
 * Returns an empty string if the value is not defined.
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   string
 */
function getInput(name, options) {
	const val = process.env[`INPUT_${name.replace(/ /g, "_").toUpperCase()}`] || "";
	if (options && options.required && !val) {
		throw new Error(`Input required and not supplied: ${name}`);
	}
	if (options && options.trimWhitespace === false) {
		return val;
	}
	return val.trim();
}
/**
 * Sets the value of an output.
 *
 * @param     name     name of the output to set
 * @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function setOutput(name, value) {
	const filePath = process.env["GITHUB_OUTPUT"] || "";
	if (filePath) {
		return file_command_issueFileCommand("OUTPUT", file_command_prepareKeyValueMessage(name, value));
	}
	process.stdout.write(external_os_namespaceObject.EOL);
	command_issueCommand("set-output", { name }, utils_toCommandValue(value));
}
/**
 * Writes debug message to user log
 * @param message debug message
 */
function core_debug(message) {
	command_issueCommand("debug", {}, message);
}
/**
 * Adds an error issue
 * @param message error issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function error(message, properties = {}) {
	command_issueCommand(
		"error",
		utils_toCommandProperties(properties),
		message instanceof Error ? message.toString() : message,
	);
}
/**
 * Adds a warning issue
 * @param message warning issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function warning(message, properties = {}) {
	command_issueCommand(
		"warning",
		utils_toCommandProperties(properties),
		message instanceof Error ? message.toString() : message,
	);
}
/**
 * Writes info to log with console.log.
 * @param message info message
 */
function info(message) {
	process.stdout.write(message + external_os_namespaceObject.EOL);
}
const external_node_events_namespaceObject = createRequire(import.meta.url)("node:events");
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const monotonicMs = () => process.uptime() * 1000;
const systemClock = {
	now: monotonicMs,
	date: () => Date.now(),
	random: () => Math.random(),
	sleep: (ms, signal) =>
		new Promise((resolve) => {
			const endMs = monotonicMs() + ms;
			let timer;
			const wakeOrWait = () => {
				const leftMs = endMs - monotonicMs();
				if (leftMs > 0 && !signal?.aborted) {
					timer = setTimeout(wakeOrWait, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
					return;
				}
				clearTimeout(timer);
				signal?.removeEventListener("abort", wakeOrWait);
				resolve();
			};
			signal?.addEventListener("abort", wakeOrWait);
			wakeOrWait();
		}),
};
function duration(ms) {
	if (ms < 9950) return `${Math.round(ms / 100) / 10} s`;
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return joined(minutes, "min", seconds % 60, "s");
	const hours = Math.floor(minutes / 60);
	return joined(hours, "h", minutes % 60, "min");
}
function joined(big, bigUnit, small, smallUnit) {
	return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
function number(n) {
	return String(n).replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ",");
}
function count(n, noun) {
	return `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
}
function shorten(text, limit) {
	if (text.length <= limit) return text;
	return text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, "") + "…";
}
function formEncoded(text) {
	return new URLSearchParams({ "": text }).toString().slice(1);
}
async function withTimeout(deadline, work) {
	const done = new AbortController();
	const late = new AbortController();
	void deadline.clock.sleep(Math.max(0, deadline.ms), done.signal).then(() => {
		if (!done.signal.aborted) late.abort(deadline.onTimeout());
	});
	const either = AbortSignal.any([deadline.signal, late.signal]);
	try {
		return await unlessAborted(work(either), either);
	} finally {
		done.abort();
	}
}
function unlessAborted(work, signal) {
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) abort();
		signal.addEventListener("abort", abort);
		work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
	});
}
class CollibraError extends Error {
	name = "CollibraError";
	kind;
	label;
	status;
	retryAfterMs;
	constructor(kind, seen, message, more = {}) {
		super(message, { cause: more.cause });
		this.kind = kind;
		this.label = seen;
		this.status = more.status;
		this.retryAfterMs = more.retryAfterMs;
	}
}
function isNotServed({ kind, status }) {
	return kind === "not-found" || status === 501;
}
const banditype = (cast) => {
	cast.map = (extra) => banditype((raw) => extra(cast(raw)));
	cast.or = (extra) =>
		banditype((raw) => {
			try {
				return cast(raw);
			} catch (err) {
				return extra(raw);
			}
		});
	return cast;
};
const fail = () => "bad banditype"();
const unknown = () => banditype((raw) => raw);
const like = (tag) => banditype((raw) => (typeof raw === typeof tag ? raw : fail()));
const string = () => like("");
const banditypes_number = () => like(0);
const instance = (proto) => banditype((raw) => (raw instanceof proto ? raw : fail()));
const object = (schema) =>
	instance(Object).map((raw) => {
		const res = {};
		for (const key in schema) {
			const f = schema[key](raw[key]);
			f !== void 0 && (res[key] = f);
		}
		return res;
	});
const array = (castItem) => instance(Array).map((arr) => arr.map(castItem));

function maybe(cast) {
	return banditype((raw) => (raw === undefined || raw === null ? undefined : cast(raw)));
}
function fit(cast, json) {
	try {
		return cast(json);
	} catch {
		return undefined;
	}
}
function parseJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function basicAuthorization(username, password) {
	return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
function clientAuthorization(clientId, clientSecret) {
	return basicAuthorization(formEncoded(clientId), formEncoded(clientSecret));
}
function credentialsOf(settings, requests, clock, onToken) {
	switch (settings.kind) {
		case "bearer":
			return fixed("token (it may have expired, or belong to another environment)", `Bearer ${settings.token}`);
		case "basic":
			return fixed("username and password", basicAuthorization(settings.username, settings.password));
		case "client":
			return new ClientCredentials(settings, requests, clock, onToken);
	}
}
function fixed(inputs, authorization) {
	return { inputs, authorization: () => Promise.resolve(authorization), renew: () => false };
}
const tokenAnswer = {
	what: "a token",
	cast: object({
		access_token: string(),
		token_type: maybe(string()),
		expires_in: maybe(banditypes_number().or(string())),
	}),
};
const tokenError = object({ error: string(), error_description: maybe(string()) });
const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const TOKEN_DEADLINE_MS = 30_000;
const RENEW_BEFORE_MS = 30_000;
class ClientCredentials {
	inputs = "client-id and client-secret: Collibra refuses a token that was just obtained with them";
	#settings;
	#requests;
	#clock;
	#onToken;
	#never = new AbortController().signal;
	#token;
	#underWay;
	constructor(settings, requests, clock, onToken) {
		this.#settings = settings;
		this.#requests = requests;
		this.#clock = clock;
		this.#onToken = onToken;
	}
	async authorization({ until, signal }) {
		if (this.#token && this.#clock.now() < this.#token.renewAt) return this.#token.authorization;
		this.#underWay ??= this.#obtain().finally(() => (this.#underWay = undefined));
		const asked = this.#underWay;
		const onTimeout = () =>
			new CollibraError("transient", "no token in time", `No token from ${this.#settings.tokenUrl} in time`);
		const deadline = { clock: this.#clock, ms: until - this.#clock.now(), signal, onTimeout };
		this.#token = await withTimeout(deadline, () => asked);
		return this.#token.authorization;
	}
	renew(refused) {
		if (this.#token?.authorization === refused) this.#token = undefined;
		return true;
	}
	async #obtain() {
		const { clientId, clientSecret, tokenUrl, scope } = this.#settings;
		const form = new URLSearchParams({
			grant_type: "client_credentials",
			...(scope === undefined ? {} : { scope }),
		});
		const askedAt = this.#clock.now();
		const answer = await this.#requests.exchange(
			{
				method: "POST",
				url: tokenUrl,
				headers: {
					accept: "application/json",
					authorization: clientAuthorization(clientId, clientSecret),
					"content-type": "application/x-www-form-urlencoded",
				},
				body: form.toString(),
			},
			{ until: askedAt + TOKEN_DEADLINE_MS, signal: this.#never },
		);
		if (answer.status < 200 || answer.status > 299) throw this.#refusal(answer);
		return this.#accept(this.#requests.json(answer, tokenUrl, tokenAnswer).value, askedAt);
	}
	#refusal(answer) {
		const { tokenUrl } = this.#settings;
		const failure = this.#requests.failure(answer, tokenUrl, "");
		const seen = `HTTP ${answer.status} from the token endpoint`;
		const { retryAfterMs } = failure;
		if (failure.kind === "transient") return new CollibraError("transient", seen, failure.message, { retryAfterMs });
		const words = tokenErrorOf(answer.body, this.#requests.cut) ?? failure.message;
		const said = `No token from ${tokenUrl}: ${words}. Check client-id, client-secret, scope and token-url`;
		return new CollibraError("unauthorized", seen, said);
	}
	#accept(answer, askedAt) {
		if (!BEARER_TOKEN.test(answer.access_token)) {
			const said = `The token endpoint ${this.#settings.tokenUrl} answered with something that is not a token`;
			throw new CollibraError("transient", "token answer without a token", said);
		}
		const { access_token: token, token_type: kind = "bearer", expires_in: seconds } = answer;
		this.#onToken(token);
		if (kind.toLowerCase() !== "bearer") {
			const said = `The token endpoint ${this.#settings.tokenUrl} gives tokens of type ${this.#requests.cut(kind, 100)}; only bearer tokens can be used`;
			throw new CollibraError("unauthorized", "unusable token type", said);
		}
		return { authorization: `Bearer ${token}`, renewAt: askedAt + renewAfterMs(Number(seconds)) };
	}
}
function renewAfterMs(lifetimeSeconds) {
	if (!(lifetimeSeconds > 0)) return Infinity;
	const lifetimeMs = lifetimeSeconds * 1000;
	return Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2);
}
function tokenErrorOf(body, cut) {
	const answer = fit(tokenError, parseJson(body));
	if (answer === undefined) return undefined;
	const { error, error_description: description } = answer;
	return cut(description ? `${error} (${description})` : error, 500);
}

const V1_JOBS = "/rest/jobs/v1/jobs";
const CORE_JOBS = "/rest/2.0/jobs";
const DateField = maybe(string().or(banditypes_number()));
const jobAnswer = {
	what: "a job",
	cast: object({
		id: string(),
		name: maybe(string()),
		type: maybe(string()),
		user: unknown(),
		state: maybe(string()),
		result: maybe(string()),
		message: maybe(string()),
		progressPercentage: maybe(banditypes_number()),
		createdOn: DateField,
		startDate: DateField,
		endDate: DateField,
	}),
};
const jobPageAnswer = {
	what: "a page of jobs",
	cast: object({ results: array(jobAnswer.cast), nextCursor: maybe(string()) }),
};
const MOST_PAGES = 50;
const MAX_DELETE_MESSAGE = 128;
class Jobs {
	#http;
	#fixedApi;
	#apiOf = new Map();
	constructor(http, api) {
		this.#http = http;
		this.#fixedApi = api === "auto" ? undefined : api;
	}
	async get(id, bounds) {
		const api = this.#fixedApi ?? this.#apiOf.get(id);
		if (api !== undefined) return this.#getFrom(api, id, bounds);
		const v1 = await this.#tryFrom("jobs-v1", id, bounds, isNotServed);
		if (!(v1 instanceof CollibraError)) return v1;
		const core = await this.#tryFrom("core-2.0", id, bounds, (error) => this.#isSecondOpinion(error));
		if (!(core instanceof CollibraError)) return core;
		throw new CollibraError("not-found", v1.label, `${v1.message}. The other job API: ${core.message}`, {
			status: 404,
		});
	}
	async #tryFrom(api, id, bounds, isBorne) {
		try {
			const job = await this.#getFrom(api, id, bounds);
			this.#apiOf.set(id, api);
			return job;
		} catch (error) {
			if (error instanceof CollibraError && isBorne(error)) return error;
			throw error;
		}
	}
	#isSecondOpinion(error) {
		if (isNotServed(error)) return true;
		if (error.kind === "unauthorized") return [...this.#apiOf.values()].includes("jobs-v1");
		return error.kind === "permanent" && error.status !== undefined;
	}
	async #getFrom(api, id, bounds) {
		const path = `${api === "jobs-v1" ? V1_JOBS : CORE_JOBS}/${id}`;
		const job = jobOf((await this.#http.get(path, jobAnswer, bounds)).value);
		if (job.id === id) return job;
		throw new CollibraError("transient", "another job's answer", `${path} answered with another job (${job.id})`);
	}
	async *find(filters, bounds) {
		const cursors = new Set();
		let cursor;
		for (let pages = 0; pages < MOST_PAGES; pages++) {
			const query = queryOf(filters, cursor);
			const { value: page, serverTime } = await this.#http.get(V1_JOBS, jobPageAnswer, { ...bounds, query });
			yield { jobs: page.results.map(jobOf), serverTime };
			cursor = page.nextCursor || undefined;
			if (cursor === undefined) return;
			if (cursors.has(cursor)) {
				throw new CollibraError("transient", "pages that go in a circle", `${V1_JOBS} gave the same cursor twice`);
			}
			cursors.add(cursor);
		}
		throw new CollibraError("transient", "pages without end", `${V1_JOBS} gave more than ${MOST_PAGES} pages`);
	}
	async delete(id, message, bounds) {
		const api = this.#fixedApi ?? this.#apiOf.get(id) ?? "jobs-v1";
		if (api === "jobs-v1") {
			await this.#http.command("DELETE", `${V1_JOBS}/${id}`, {
				...bounds,
				query: new URLSearchParams({ message }),
			});
		} else {
			await this.#http.command("POST", `${CORE_JOBS}/${id}/canceled`, { ...bounds, body: { message } });
		}
	}
}
function queryOf(filters, cursor) {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries({ ...filters, cursor })) {
		for (const one of [value ?? []].flat()) query.append(name, String(one));
	}
	return query;
}
function jobOf(answer) {
	const known = Object.entries({
		name: answer.name,
		type: answer.type,
		user: typeof answer.user === "string" ? answer.user.toLowerCase() : undefined,
		progressPercentage: answer.progressPercentage,
		createdOn: dateOf(answer.createdOn),
		startDate: dateOf(answer.startDate),
		endDate: dateOf(answer.endDate),
	}).filter(([, value]) => value !== undefined);
	return {
		...Object.fromEntries(known),
		id: answer.id.toLowerCase(),
		state: answer.state ?? "",
		result: answer.result ?? "",
		message: answer.message ?? "",
	};
}
const SECONDS_BELOW = 1e11;
function dateOf(value) {
	const date = new Date(typeof value === "number" && value < SECONDS_BELOW ? value * 1000 : (value ?? NaN));
	return date.getTime() > 0 ? date : undefined;
}

function proxyOf(address) {
	return getProxyUrl(new URL(address));
}
function proxyProblem(address) {
	const { env } = process;
	const url = new URL(address);
	const lower = `${url.protocol.slice(0, -1)}_proxy`;
	const name = env[lower] ? lower : lower.toUpperCase();
	if (!env[name] || checkBypass(url)) return undefined;
	if (isUsable(url)) return undefined;
	return `The proxy variable ${name} is not a URL such as http://proxy.example:8080 and would be ignored: correct it, or list ${url.hostname} in no_proxy`;
}
function isUsable(url) {
	try {
		const proxy = getProxyUrl(url);
		return Boolean(proxy?.hostname) && /^https?:/.test(proxy?.protocol ?? "");
	} catch {
		return false;
	}
}

// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __nccwpck_require__(67);
const external_node_https_namespaceObject = createRequire(import.meta.url)("node:https");
const external_node_net_namespaceObject = createRequire(import.meta.url)("node:net");
const external_node_tls_namespaceObject = createRequire(import.meta.url)("node:tls");

class ProxyError extends Error {
	name = "ProxyRefusal";
	status;
	constructor(status) {
		super(`the proxy answered with HTTP ${status}`);
		this.status = status;
	}
}
class ProxyAgent extends external_node_https_namespaceObject.Agent {
	#proxy;
	#asking = new Set();
	constructor(proxy) {
		super({ keepAlive: true, maxSockets: 1 });
		this.#proxy = proxy;
	}
	createConnection(options, callback) {
		const fail = callback;
		const request = this.#ask(options);
		this.#asking.add(request);
		request.once("close", () => this.#asking.delete(request));
		request.once("error", (error) => fail(Object.assign(error, { message: `the proxy: ${error.message}` })));
		request.once("connect", ({ statusCode = 0 }, socket) => {
			if (statusCode === 200) {
				callback(null, (0, external_node_tls_namespaceObject.connect)({ ...options, socket }));
				return;
			}
			socket.destroy();
			fail(new ProxyError(statusCode));
		});
		request.end();
	}
	destroy() {
		for (const request of this.#asking) request.destroy();
		super.destroy();
	}
	#ask({ host, port }) {
		const { protocol, hostname, port: proxyPort, username, password } = this.#proxy;
		const authority = `${(0, external_node_net_namespaceObject.isIPv6)(host ?? "") ? `[${host}]` : host}:${port}`;
		return (protocol === "https:" ? external_node_https_namespaceObject.request : external_node_http_.request)({
			method: "CONNECT",
			host: withoutBrackets(hostname),
			port: proxyPort,
			path: authority,
			headers: {
				host: authority,
				...(username || password ? { "proxy-authorization": basicAuthorization(username, password) } : {}),
			},
			agent: false,
		});
	}
}
function withoutBrackets(host) {
	return host.replace(/[[\]]/g, "");
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_IDLE_MS = 30_000;
const SOCKET_TIMEOUT_MS = 60_000;
class SingleConnectionClient {
	#client;
	#tunnel;
	#isProxied = false;
	idleSince = 0;
	constructor(userAgent) {
		const handler = {
			prepareRequest: (options) => {
				options.host = withoutBrackets(options.host ?? "");
				if (this.#isProxied) options.agent = this.#tunnel;
			},
			canHandleAuthentication: () => false,
			handleAuthentication: () => Promise.reject(new Error("not a handler of authentication")),
		};
		this.#client = new lib_HttpClient(userAgent, [handler], {
			allowRedirects: false,
			keepAlive: true,
			maxSockets: 1,
			socketTimeout: SOCKET_TIMEOUT_MS,
		});
	}
	async exchange({ method, url, headers, body }) {
		const proxy = proxyOf(url);
		this.#isProxied = proxy !== undefined;
		if (proxy !== undefined) this.#tunnel ??= new ProxyAgent(proxy);
		const { message } = await this.#client.request(method, url, body ?? null, {
			...headers,
		});
		return { status: message.statusCode ?? 0, headers: message.headers, body: await readBody(message) };
	}
	dispose() {
		this.#client.dispose();
		this.#tunnel?.destroy();
	}
}
class HttpTransport {
	#free = [];
	#userAgent;
	#clock;
	constructor(userAgent, clock) {
		this.#userAgent = userAgent;
		this.#clock = clock;
	}
	async send(request, signal) {
		signal.throwIfAborted();
		const lane = this.#takeLane();
		let whole = false;
		try {
			const answer = await unlessAborted(lane.exchange(request), signal);
			whole = true;
			return answer;
		} finally {
			if (whole) this.#putBack(lane);
			else lane.dispose();
		}
	}
	#takeLane() {
		const lane = this.#free.pop();
		if (lane && this.#clock.now() - lane.idleSince <= MAX_IDLE_MS) return lane;
		lane?.dispose();
		return new SingleConnectionClient(this.#userAgent);
	}
	#putBack(lane) {
		lane.idleSince = this.#clock.now();
		this.#free.push(lane);
	}
}
async function readBody(message) {
	const chunks = [];
	let bytes = 0;
	for await (const chunk of message) {
		bytes += chunk.length;
		if (bytes > MAX_BODY_BYTES) throw new Error(`the answer is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString("utf8");
}
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
function isUuid(text) {
	return UUID.test(text);
}

const ACCEPTABLE_RESULTS = ["COMPLETED_WITH_ERROR", "ABORTED"];
function needsImportResults(job, policy) {
	if (job.state !== "COMPLETED") return false;
	const limited = policy.maxFailedCommands !== undefined && policy.accept.has(job.result);
	return limited || stageOf(job) === "no-result";
}
function stageOf(job) {
	switch (job.state) {
		case "WAITING":
		case "RUNNING":
		case "CANCELING":
			return "pending";
		case "COMPLETED":
			return job.result === "" || job.result === "NOT_SET" ? "no-result" : "finished";
		case "FAILED":
		case "ERROR":
		case "DELETED":
		case "CANCELED":
			return "finished";
		default:
			return job.endDate === undefined ? "unknown" : "finished";
	}
}
function judge(job, policy, evidence) {
	switch (job.state) {
		case "COMPLETED":
			return judgeCompleted(job.result, policy, evidence);
		case "FAILED":
		case "ERROR":
			return failure(`The job failed (state ${job.state}, result ${job.result || "not given"})`);
		case "DELETED":
		case "CANCELED":
			return failure(`The job was deleted or cancelled (state ${job.state})`);
		default:
			return failure(`The job ended in the unknown state "${job.state}"; only COMPLETED with SUCCESS is success`);
	}
}
function judgeCompleted(result, policy, evidence) {
	switch (result) {
		case "SUCCESS":
			return success(evidence);
		case "COMPLETED_WITH_ERROR":
		case "ABORTED":
			return judgePartial(result, policy, evidence);
		case "FAILURE":
			return failure("The job is COMPLETED, but its result is FAILURE");
		case "":
		case "NOT_SET":
			return judgeByImportResults(policy, evidence);
		default:
			return failure(`The job is COMPLETED with the unknown result "${result}"; only SUCCESS is success`);
	}
}
const RESULT_OF_IMPORT_STATE = {
	COMPLETED: "SUCCESS",
	COMPLETED_WITH_ERRORS: "COMPLETED_WITH_ERROR",
	ABORTED: "ABORTED",
	FAILED: "FAILURE",
};
function judgeByImportResults(policy, evidence) {
	const state = evidence?.importJobState ?? "";
	const result = resultOfImportState(state, evidence?.failedCommands);
	if (result === undefined) {
		const said = state === "" ? "Import Results do not tell either" : `Import Results say "${state}"`;
		return failure(`The job is COMPLETED, but Collibra gives no result, and ${said}`);
	}
	const verdict = judgeCompleted(result, policy, evidence);
	return { ...verdict, reason: `Collibra gives no result, Import Results say ${state}. ${verdict.reason}` };
}
function resultOfImportState(state, failedCommands = 0) {
	const result = Object.hasOwn(RESULT_OF_IMPORT_STATE, state) ? RESULT_OF_IMPORT_STATE[state] : undefined;
	return result === "SUCCESS" && failedCommands > 0 ? "COMPLETED_WITH_ERROR" : result;
}
function success(evidence) {
	const reason = "COMPLETED with SUCCESS";
	const { importJobState: state = "", failedCommands = 0 } = evidence ?? {};
	if (failedCommands === 0 && (state === "" || resultOfImportState(state) === "SUCCESS"))
		return { outcome: "success", reason };
	const said = `${state || "no state"} and count ${count(failedCommands, "failed command")}`;
	return { outcome: "success", reason: `${reason}, but Import Results say ${said}`, isContradicted: true };
}
function judgePartial(result, policy, evidence) {
	const facts = partialFacts(result, evidence);
	if (!policy.accept.has(result)) return failure(`${facts}. The policy (accept) does not allow ${result}`);
	const limit = policy.maxFailedCommands;
	if (limit === undefined) return accepted(facts);
	const failed = failedOf(evidence);
	if (failed === undefined) {
		return failure(`${facts}. max-failed-commands is ${limit}, but Import Results do not tell how many failed`);
	}
	if (failed > limit) return failure(`${facts}. That is more than max-failed-commands (${limit})`);
	return accepted(`${facts}, within max-failed-commands (${limit})`);
}
function partialFacts(result, evidence) {
	const failed = failedOf(evidence);
	const facts = failed === undefined ? result : `${result}: ${count(failed, "command")} failed`;
	return evidence?.changes === 0 ? `${facts}, and nothing was added, updated or removed` : facts;
}
function failedOf(evidence) {
	return evidence?.failedCommands || undefined;
}
function accepted(reason) {
	return { outcome: "accepted", reason };
}
function failure(reason) {
	return { outcome: "failure", reason };
}

const DEFAULTS = {
	"lookback-minutes": "60",
	"job-api": "auto",
	"timeout-minutes": "60",
	"min-interval-seconds": "1",
	"max-interval-seconds": "60",
	"max-outage-minutes": "10",
	"on-timeout": "leave",
	"on-cancel": "leave",
	"import-results": "true",
};
const SECRET_INPUTS = ["token", "password", "client-secret"];
const MAX_JOBS = 100;
const MAX_TIMEOUT_MINUTES = 7200;
const SHORTEST_INTERVAL_SECONDS = 0.1;
const MAX_SPAN_MINUTES = 1_000_000;
const QUOTE_LENGTH = 100;
function readSettings(read) {
	const errors = [];
	const inputs = new Inputs(read, errors);
	const url = readUrl(inputs);
	const settings = {
		url,
		target: readTarget(inputs),
		credentials: readCredentials(inputs, url),
		policy: readPolicy(inputs),
		jobApi: inputs.choice("job-api", ["auto", "jobs-v1", "core-2.0"]),
		polling: readPatience(inputs),
		onTimeout: inputs.choice("on-timeout", ["leave", "delete"]),
		onCancel: inputs.choice("on-cancel", ["leave", "delete"]),
		importResults: inputs.choice("import-results", ["true", "false"]) === "true",
		errorsFile: inputs.given("errors-file"),
	};
	if (settings.target.kind === "name" && settings.jobApi === "core-2.0") {
		errors.push("job-name is looked for with the Job API (Find jobs): job-api must be auto or jobs-v1, not core-2.0");
	}
	return errors.length > 0 ? { errors } : settings;
}
class Inputs {
	#read;
	#errors;
	constructor(read, errors) {
		this.#read = read;
		this.#errors = errors;
	}
	fault(message) {
		this.#errors.push(message);
	}
	given(name) {
		return this.#read(name).trim() || undefined;
	}
	secret(name) {
		return this.#read(name).replace(/[\r\n]+$/, "") || undefined;
	}
	choice(name, allowed) {
		const value = this.given(name) ?? DEFAULTS[name];
		const chosen = allowed.find((one) => one === value.toLowerCase());
		if (chosen === undefined) this.fault(`${name}: ${quoted(value)} is not one of ${allowed.join(", ")}`);
		return chosen ?? allowed[0];
	}
	decimal(name, within, range) {
		const value = this.given(name) ?? DEFAULTS[name];
		const n = /^(\d+(\.\d*)?|\.\d+)$/.test(value) ? Number(value) : NaN;
		if (!within(n)) this.fault(`${name}: ${quoted(value)} is not a number ${range}`);
		return n;
	}
}
function quoted(value) {
	return JSON.stringify(shorten(value, QUOTE_LENGTH));
}
function readUrl(inputs) {
	const value = inputs.given("url");
	if (value !== undefined) return readHttpsUrl(inputs, "url", value).replace(/\/+$/, "");
	inputs.fault("url: missing; give the base URL of the Collibra environment, e.g. https://acme.collibra.com");
	return "";
}
function readHttpsUrl(inputs, name, value) {
	const url = URL.parse(value);
	const fault = url === null ? "is not a URL; it begins with https://" : urlFault(url, value);
	if (fault !== undefined) inputs.fault(`${name}: ${quoted(withoutUserInfo(value))} ${fault}`);
	return url === null ? "" : url.origin + url.pathname;
}
function urlFault(url, value) {
	if (url.username || url.password) return "has user info; give credentials by their own inputs";
	if (/[?#]/.test(value)) return "has a query or a fragment, which does not belong there";
	if (url.protocol === "http:" && !isLoopback(url.hostname))
		return "is not https, so credentials would travel in the open";
	if (url.protocol !== "https:" && url.protocol !== "http:") return "is not an https URL";
	return undefined;
}
function isLoopback(hostname) {
	return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
function withoutUserInfo(value) {
	return value.replace(/.*@/s, "***@");
}
function readTarget(inputs) {
	const ids = inputs.given("job-id");
	const name = inputs.given("job-name");
	if (ids !== undefined && name !== undefined) inputs.fault("job-id and job-name: give one of them, not both");
	if (ids === undefined && name === undefined) inputs.fault("job-id or job-name: missing; give one of them");
	const type = inputs.given("job-type");
	const user = inputs.given("job-user");
	if (name === undefined) {
		if (type !== undefined) inputs.fault(`job-type: ${quoted(type)} has no effect without job-name`);
		if (user !== undefined) inputs.fault(`job-user: ${quoted(user)} has no effect without job-name`);
	}
	if (user !== undefined && !isUuid(user)) inputs.fault(`job-user: ${quoted(user)} is not a UUID`);
	const lookbackMinutes = inputs.decimal(
		"lookback-minutes",
		(n) => n <= MAX_SPAN_MINUTES,
		`of minutes, from 0 to ${MAX_SPAN_MINUTES}`,
	);
	if (name !== undefined)
		return { kind: "name", name, type, user: user?.toLowerCase(), lookbackMs: lookbackMinutes * 60_000 };
	return { kind: "ids", ids: ids === undefined ? [] : readIds(inputs, ids) };
}
function readIds(inputs, value) {
	const parts = value.startsWith("[") ? jsonStrings(value) : value.split(/[\s,]/).filter(Boolean);
	if (parts === undefined) {
		inputs.fault(`job-id: ${quoted(value)} is not a JSON array of strings`);
		return [];
	}
	const bad = parts.filter((part) => !isUuid(part));
	if (bad.length > 0) inputs.fault(`job-id: ${listed(bad)} is not a UUID`);
	if (parts.length === 0) inputs.fault(`job-id: ${quoted(value)} holds no job id`);
	const ids = [...new Set(parts.map((part) => part.toLowerCase()))];
	if (ids.length > MAX_JOBS)
		inputs.fault(`job-id: ${ids.length} jobs are more than the ${MAX_JOBS} that one step waits for`);
	return ids;
}
function jsonStrings(value) {
	return fit(array(string()), parseJson(value))?.map((part) => part.trim());
}
function listed(values) {
	const few = values.slice(0, 3).map(quoted).join(", ");
	return values.length > 3 ? `${few} (and ${values.length - 3} more)` : few;
}
const TOKEN_PATH = "/rest/oauth/v2/token";
const WAYS = "token, or username with password, or client-id with client-secret";
function readCredentials(inputs, url) {
	const token = inputs.secret("token")?.trim() || undefined;
	const username = inputs.given("username");
	const password = inputs.secret("password");
	const clientId = inputs.given("client-id");
	const clientSecret = inputs.secret("client-secret");
	const scope = inputs.given("scope");
	const ways = [[token], [username, password], [clientId, clientSecret]].filter((way) =>
		way.some((part) => part !== undefined),
	);
	if (ways.length === 0) inputs.fault(`token, username or client-id: missing; give ${WAYS}`);
	if (ways.length > 1) inputs.fault(`Give one way to authenticate, not ${ways.length}: ${WAYS}`);
	if (username !== undefined && password === undefined) inputs.fault("password: missing; username needs it");
	if (password !== undefined && username === undefined) inputs.fault("username: missing; password needs it");
	if (clientId !== undefined && clientSecret === undefined) inputs.fault("client-secret: missing; client-id needs it");
	if (clientSecret !== undefined && clientId === undefined) inputs.fault("client-id: missing; client-secret needs it");
	if (token !== undefined && !BEARER_TOKEN.test(token)) {
		inputs.fault(
			'token: holds characters that no bearer token has; give the token alone, without "Bearer" (its value is not shown)',
		);
	}
	if (username?.includes(":"))
		inputs.fault(`username: ${quoted(username)} has a colon, which basic authentication does not allow`);
	const tokenUrl = inputs.given("token-url");
	const endpoint = tokenUrl === undefined ? url + TOKEN_PATH : readHttpsUrl(inputs, "token-url", tokenUrl);
	if (token !== undefined) return { kind: "bearer", token };
	if (clientId === undefined) return { kind: "basic", username: username ?? "", password: password ?? "" };
	return { kind: "client", clientId, clientSecret: clientSecret ?? "", tokenUrl: endpoint, scope };
}
function readPolicy(inputs) {
	const allowed = [...ACCEPTABLE_RESULTS, "SUCCESS"];
	const listedResults = (inputs.given("accept") ?? "").toUpperCase().split(/[\s,]/).filter(Boolean);
	const refused = listedResults.filter((result) => !allowed.includes(result));
	if (refused.length > 0)
		inputs.fault(`accept: ${listed(refused)} cannot be accepted; allowed are ${allowed.join(", ")}`);
	const accept = new Set(ACCEPTABLE_RESULTS.filter((result) => listedResults.includes(result)));
	const max = inputs.given("max-failed-commands");
	if (max === undefined) return { accept, maxFailedCommands: undefined };
	const limit = /^\d+$/.test(max) ? Number(max) : NaN;
	if (!Number.isSafeInteger(limit))
		inputs.fault(`max-failed-commands: ${quoted(max)} is not a whole number, 0 or more`);
	return { accept, maxFailedCommands: limit };
}
function readPatience(inputs) {
	const timeoutMinutes = inputs.decimal(
		"timeout-minutes",
		(n) => n > 0 && n <= MAX_TIMEOUT_MINUTES,
		`of minutes, more than 0 and at most ${MAX_TIMEOUT_MINUTES}`,
	);
	const minSeconds = inputs.decimal(
		"min-interval-seconds",
		(n) => n >= SHORTEST_INTERVAL_SECONDS && n <= MAX_SPAN_MINUTES * 60,
		`of seconds, from ${SHORTEST_INTERVAL_SECONDS} to ${MAX_SPAN_MINUTES * 60}`,
	);
	const maxSeconds = inputs.decimal(
		"max-interval-seconds",
		(n) => n > 0 && n <= MAX_SPAN_MINUTES * 60,
		`of seconds, more than 0 and at most ${MAX_SPAN_MINUTES * 60}`,
	);
	if (maxSeconds < minSeconds) {
		inputs.fault(`max-interval-seconds: ${maxSeconds} is below min-interval-seconds (${minSeconds})`);
	}
	const outageMinutes = inputs.decimal(
		"max-outage-minutes",
		(n) => n <= MAX_SPAN_MINUTES,
		`of minutes, from 0 to ${MAX_SPAN_MINUTES}`,
	);
	return {
		timeoutMs: timeoutMinutes * 60_000,
		maxOutageMs: outageMinutes * 60_000,
		interval: { minMs: minSeconds * 1000, maxMs: maxSeconds * 1000 },
	};
}
const OUTCOMES = ["cancelled", "error", "timeout", "failure", "accepted", "success"];
function mostSevere(outcomes) {
	return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? "error";
}
function passes(outcome) {
	return outcome === "success" || outcome === "accepted";
}
const CHANGES = ["added", "updated", "removed"];
function changesOf({ summary }, kind) {
	const { resources, changes } = summary;
	if (resources.length === 0) return changes;
	return sumOf(resources.map((counters) => counters[kind]));
}
function sumOf(numbers) {
	return numbers.includes(undefined) ? undefined : sumOfKnown(numbers);
}
function sumOfKnown(numbers) {
	return numbers.reduce((sum, n) => sum + (n ?? 0), 0);
}
function isPlainSuccess({ outcome, isContradicted: isDisputed }) {
	return outcome === "success" && !isDisputed;
}
function decisiveJob(report) {
	return report.jobs.find((job) => job.outcome === report.outcome) ?? report.jobs[0];
}

const SHORTEST_MASKED = 6;
const COMMON_WORDS = new Set([
	...OUTCOMES,
	...["waiting", "running", "canceling", "completed", "canceled", "failed", "deleted"],
	...["completed_with_error", "aborted", "not_set"],
	...["import", "collibra", "github", "password", "secret", "username", "default"],
]);
let secrets = [];
function maskSecret(secret) {
	if (secret.length < SHORTEST_MASKED || COMMON_WORDS.has(secret.toLowerCase()) || secrets.includes(secret)) return;
	core_setSecret(secret);
	secrets = [...new Set([...secrets, ...encodingsOf(secret)])].sort((a, b) => b.length - a.length);
}
function encodingsOf(secret) {
	return [secret, formEncoded(secret), encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)];
}
function redact(text) {
	return secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
}
function redactAndTruncate(text, limit) {
	return shorten(redact(text), limit);
}

const MAX_TEXT = 1000;
const UNSEEN =
	/[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;
const MAX_WHOLE_TEXT = 100_000;
const LONE_SURROGATE = /\p{Surrogate}/gu;
function plain(text, limit = MAX_TEXT) {
	const line = redact(text)
		.slice(0, 4 * limit)
		.replace(UNSEEN, " ")
		.replace(LONE_SURROGATE, "\uFFFD")
		.replace(/ {2,}/g, " ")
		.trim()
		.replace(/##\[/g, "## [")
		.replace(/^::/, ": :");
	return shorten(line, text.length > 4 * limit ? Math.min(limit, line.length - 1) : limit);
}
function plainJson(value) {
	return JSON.stringify(value, (_name, part) =>
		typeof part === "string" ? redactAndTruncate(part, MAX_WHOLE_TEXT) : part,
	)
		.replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)
		.replaceAll("##[", "##\\u005b");
}

const MAX_ANNOTATIONS = 10;
const MAX_LENGTH = 4000;
const ADVICE = {
	success: "The step passes, for the job says so; look in Collibra what is right",
	accepted: "The step passes because accept allows it; look at what is missing in Collibra",
	failure: "Look at the job summary of this step and at the job in Collibra, correct the data and import again",
	timeout: "The job may still go on in Collibra: look at it there, or give it more time with timeout-minutes",
	cancelled: "The job may still go on in Collibra",
};
const TITLES = {
	success: "Collibra job succeeded",
	accepted: "Collibra job accepted",
	failure: "Collibra job failed",
	timeout: "Collibra job not finished in time",
	error: "The state of the Collibra job could not be learnt",
	cancelled: "Waiting for the Collibra job was cancelled",
};
class Annotations {
	#left = MAX_ANNOTATIONS;
	verdict(report) {
		if (report.reason !== undefined) this.#add(report.outcome, TITLES[report.outcome], report.reason);
		const told = report.jobs
			.filter((job) => !isPlainSuccess(job))
			.sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
		const most = told.length > this.#left ? this.#left - 1 : told.length;
		for (const job of told.slice(0, most)) this.#add(job.outcome, titleOf(job), messageOf(job));
		const [next, ...others] = told.slice(most);
		if (next !== undefined)
			this.#add(
				next.outcome,
				"More Collibra jobs",
				`${count(others.length + 1, "more job")} are told of in the job summary of this step`,
			);
	}
	warning(title, message) {
		this.#add("accepted", title, message);
	}
	#add(outcome, title, message) {
		const text = shorten(
			message
				.split("\n")
				.map((line) => plain(line, MAX_LENGTH))
				.join("\n"),
			MAX_LENGTH,
		);
		if (this.#left === 0) info(`${plain(title)}: ${text}`);
		else if (passes(outcome)) warning(text, { title: plain(title) });
		else error(text, { title: plain(title) });
		this.#left = Math.max(0, this.#left - 1);
	}
}
function titleOf({ outcome, job }) {
	const word = job?.state === "COMPLETED" ? job.result : job?.state;
	const told = word && (outcome === "failure" || outcome === "accepted") ? `: ${plain(word, 40)}` : "";
	return TITLES[outcome] + told;
}
function messageOf({ id, outcome, reason, job, importResults: importResults }) {
	const name = job?.name ? ` "${plain(job.name, 100)}"` : "";
	const message = job?.message ? `Collibra's message: ${plain(job.message, 500).replace(/\.$/, "")}` : "";
	const done = importResults === undefined ? "" : changesIn(importResults.summary.resources);
	return [`Job ${id}${name}: ${plain(reason)}`, done, message, ADVICE[outcome]].filter(Boolean).join(". ") + ".";
}
function changesIn(resources) {
	const changes = resources.flatMap((resource) => {
		const numbers = CHANGES.flatMap((kind) => (resource[kind] ? `${number(resource[kind])} ${kind}` : []));
		return numbers.length > 0 ? [`${plain(resource.resourceType, 40)} ${numbers.join(", ")}`] : [];
	});
	return changes.length > 0 ? shorten(`Import Results: ${changes.join("; ")}`, 500) : "";
}
const external_node_fs_namespaceObject = createRequire(import.meta.url)("node:fs");
const external_node_path_namespaceObject = createRequire(import.meta.url)("node:path");

class ErrorsFile {
	path;
	#draftPath;
	#file;
	#isOpen = true;
	#failure;
	constructor(path) {
		this.path = path;
		this.#draftPath = `${path}.${process.pid}.part`;
		if ((0, external_node_fs_namespaceObject.statSync)(path, { throwIfNoEntry: false })?.isDirectory())
			throw new Error(`${path} is a folder`);
		(0, external_node_fs_namespaceObject.mkdirSync)((0, external_node_path_namespaceObject.dirname)(path), {
			recursive: true,
		});
		remove(path);
		this.#file = (0, external_node_fs_namespaceObject.openSync)(this.#draftPath, "w");
	}
	add(jobId, commands) {
		const lines = commands.map((command) => `${plainJson({ jobId, ...command })}\n`);
		try {
			(0, external_node_fs_namespaceObject.writeFileSync)(this.#file, lines.join(""));
		} catch (error) {
			this.#failure ??= error;
		}
	}
	finish() {
		try {
			if (this.#failure !== undefined) throw this.#failure;
			this.#close();
			(0, external_node_fs_namespaceObject.renameSync)(this.#draftPath, this.path);
		} catch (error) {
			this.discard();
			throw error;
		}
	}
	discard() {
		try {
			this.#close();
			remove(this.#draftPath);
		} catch {}
	}
	#close() {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		(0, external_node_fs_namespaceObject.closeSync)(this.#file);
	}
}
function remove(path) {
	if ((0, external_node_fs_namespaceObject.existsSync)(path)) (0, external_node_fs_namespaceObject.unlinkSync)(path);
}

const HEARTBEAT_MS = 60_000;
class Log {
	#clock;
	#startMs;
	#entries = new Map();
	#lastLineMs;
	constructor(clock, startMs) {
		this.#clock = clock;
		this.#startMs = startMs;
		this.#lastLineMs = startMs;
	}
	line(text) {
		this.#lastLineMs = this.#clock.now();
		info(plain(text));
	}
	onPoll(id, job, pace) {
		const entry = this.#entry(id);
		const shown = JSON.stringify([job.state, job.result, job.progressPercentage]);
		const changed = entry.shown !== shown || entry.troubles.size > 0;
		const nextLookMs = this.#clock.now() + (pace?.delayMs ?? 0);
		Object.assign(entry, { job, shown, nextLookMs, restMs: pace?.remainingMs });
		entry.troubles.clear();
		if (changed) this.line(this.#status(id, entry));
		else core_debug(plain(this.#status(id, entry)));
		if (stageOf(job) === "unknown" && !entry.warnedOfState) {
			entry.warnedOfState = true;
			this.line(`Warning: ${id} is in the state "${job.state}", which this action does not know; it goes on waiting`);
		}
	}
	onTransientError(what, error, pauseMs) {
		const entry = this.#entry(what);
		const again = pauseMs > 0 ? `; next look in ${duration(pauseMs)}` : "";
		const text = `${what}: ${error.message}${again}`;
		entry.nextLookMs = this.#clock.now() + pauseMs;
		if (entry.troubles.has(error.label)) core_debug(plain(text));
		else this.line(`Passing trouble, ${text}`);
		entry.troubles.add(error.label);
	}
	onNotFound(wanted, pauseMs) {
		const entry = this.#entry(wanted);
		const text = `No ${wanted} yet, ${this.#soFar()}, next look in ${duration(pauseMs)}`;
		entry.nextLookMs = this.#clock.now() + pauseMs;
		entry.troubles.clear();
		if (entry.shown === "") this.line(text);
		else core_debug(plain(text));
		entry.shown = "absent";
	}
	onFinished(report) {
		this.#entry(report.id).report = report;
		this.line(`${report.id}: ${report.outcome}. ${report.reason}. ${this.#soFar()}`);
	}
	onFound(wanted, job) {
		this.#entries.delete(wanted);
		this.line(`Found the ${wanted}: ${job.id}, created ${job.createdOn?.toISOString() ?? ""}`);
	}
	async heartbeat(signal) {
		while (!signal.aborted) {
			const silentMs = this.#clock.now() - this.#lastLineMs;
			if (silentMs >= HEARTBEAT_MS) this.line(this.#pulse());
			else await this.#clock.sleep(HEARTBEAT_MS - silentMs, signal);
		}
	}
	#entry(key) {
		let entry = this.#entries.get(key);
		if (entry === undefined) {
			entry = { shown: "", troubles: new Set(), warnedOfState: false, nextLookMs: 0, restMs: undefined };
			this.#entries.set(key, entry);
		}
		return entry;
	}
	#soFar() {
		return `${duration(this.#clock.now() - this.#startMs)} so far`;
	}
	#pulse() {
		const entries = [...this.#entries];
		const [only] = entries;
		return entries.length === 1 && only !== undefined
			? this.#status(...only)
			: this.#sum(entries.map(([, entry]) => entry));
	}
	#status(id, { job, nextLookMs, restMs, troubles }) {
		const inMs = nextLookMs - this.#clock.now();
		const parts = [
			job === undefined ? "not seen yet" : job.state || "no state",
			job?.result && job.result !== "NOT_SET" ? job.result : undefined,
			job?.progressPercentage === undefined ? undefined : `${job.progressPercentage} %`,
			troubles.size > 0 ? [...troubles].join(", ") : undefined,
			this.#soFar(),
			restMs === undefined ? undefined : `about ${duration(restMs)} left`,
			inMs > 0 ? `next look in ${duration(inMs)}` : undefined,
		];
		const name = job?.name === undefined ? "" : ` "${plain(job.name, 100)}"`;
		return `${id}${name}: ${parts.filter((part) => part !== undefined).join(", ")}`;
	}
	#sum(entries) {
		const ended = entries.flatMap(({ report }) => (report === undefined ? [] : [report.outcome]));
		const waiting = entries.filter(({ report }) => report === undefined);
		const states = Map.groupBy(waiting, ({ job }) => job?.state || "not seen yet");
		const parts = [...states].map(([state, jobs]) => `${jobs.length} ${plain(state, 40)}`).join(", ");
		const worst = ended.length > 0 ? ` (gravest: ${mostSevere(ended)})` : "";
		const nextMs = Math.min(...waiting.map(({ nextLookMs }) => nextLookMs)) - this.#clock.now();
		const next = nextMs > 0 && Number.isFinite(nextMs) ? `next look in ${duration(nextMs)}` : "";
		const sum = `${ended.length} of ${count(entries.length, "job")} ended${worst}`;
		return [sum, parts, this.#soFar(), next].filter(Boolean).join("; ");
	}
}

const MAX_WORD = 1000;
const MAX_TEXT_IN_JOBS = 1000;
const MAX_JOBS_OUTPUT = 350_000;
function outputsOf(report) {
	const decisive = decisiveJob(report);
	return {
		outcome: report.outcome,
		state: bounded(decisive?.job?.state, MAX_WORD),
		result: bounded(decisive?.job?.result, MAX_WORD),
		message: bounded(decisive?.job?.message, MAX_WHOLE_TEXT),
		"job-id": decisive?.id ?? "",
		"failed-commands": failedCommands(report.jobs),
		jobs: jobsJson(report.jobs),
	};
}
function writeOutputs(outputs) {
	for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}
function bounded(text, limit) {
	return redactAndTruncate(text ?? "", limit);
}
function failedCommands(jobs) {
	const numbers = jobs.map(({ importResults: importResults }) => importResults?.failedCommands);
	return numbers.length === 0 ? "" : String(sumOf(numbers) ?? "");
}
function jobsJson(jobs) {
	for (const scale of [1, 0.2, 0.02]) {
		const json = JSON.stringify(jobs.map((job) => jobOutput(job, scale)));
		if (json.length <= MAX_JOBS_OUTPUT) return json;
	}
	return JSON.stringify(jobs.map(({ id, outcome }) => ({ id, outcome })));
}
function jobOutput({ id, outcome, reason, job, importResults: importResults }, scale) {
	const text = (value) => bounded(value, MAX_TEXT_IN_JOBS * scale);
	return {
		id,
		name: text(job?.name),
		type: text(job?.type),
		state: text(job?.state),
		result: text(job?.result),
		message: text(job?.message),
		outcome,
		reason: text(reason),
		progressPercentage: job?.progressPercentage ?? null,
		createdOn: job?.createdOn?.toISOString() ?? null,
		startDate: job?.startDate?.toISOString() ?? null,
		endDate: job?.endDate?.toISOString() ?? null,
		durationSeconds: durationSeconds(job?.startDate, job?.endDate),
		importResults: importResults === undefined ? null : importCounts(importResults),
	};
}
function durationSeconds(start, end) {
	if (start === undefined || end === undefined || end < start) return null;
	return (end.getTime() - start.getTime()) / 1000;
}
function importCounts(facts) {
	return {
		added: changesOf(facts, "added") ?? null,
		updated: changesOf(facts, "updated") ?? null,
		removed: changesOf(facts, "removed") ?? null,
		failedCommands: facts.failedCommands ?? null,
	};
}
function deleteMessage(cause, maxLength, env) {
	const why = cause === "timeout" ? "Not finished in time" : "Workflow run cancelled";
	const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
	const link = `${server}/${repository}/actions/runs/${run}`;
	const linked = [`${why}: ${link}`, link].find((message) => message.length <= maxLength);
	return server && repository && run && linked ? linked : `${why} (GitHub Actions)`;
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
function prose(text, limit) {
	const special = /[&<>"]|[-@#:]+|\.(?=\S)|[0-9a-f]{6}(?=[0-9a-f])/gi;
	return plain(text, limit).replace(special, (found) => ESCAPES[found] ?? `<span>${found}</span>`);
}
function code(text, limit) {
	const line = plain(text ?? "", limit);
	return line === "" ? "–" : `<code>${line.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found)}</code>`;
}
function table(heads, rows, wrapping = []) {
	const cell = (content, column) => {
		if (typeof content === "number") return `<td align="right">${number(content)}</td>`;
		return `<td${wrapping.includes(column) ? "" : " nowrap"}>${content}</td>`;
	};
	const lines = [heads.map((head) => `<th>${head}</th>`), ...rows.map((cells) => cells.map(cell))];
	return ["<table>", ...lines.map((cells) => `<tr>${cells.join("")}</tr>`), "</table>"].join("\n");
}

const MAX_TYPES = 20;
const MAX_CATEGORIES = 10;
const MAX_COMMANDS = 50;
const MAX_INDICES = 5;
const MAX_GROUPED = 1000;
const UNFOLDED = 3;
const MAX_NAME = 100;
const MAX_MESSAGE = 300;
const KINDS = [...CHANGES, "failed"];
const SQUARES = {
	added: "🟩",
	updated: "🟦",
	removed: "🟧",
	failed: "🟥",
};
const BAR_LENGTH = 10;
function countersTable({ summary, failedCommands }) {
	const { resources, changes } = summary;
	if (resources.length === 0 || changes === undefined) return "";
	const isTold =
		failedCommands === 0
			? resources.some(({ failed }) => failed !== undefined)
			: resources.some(({ failed }) => failed);
	const kinds = isTold ? KINDS : CHANGES;
	const heads = ["Resources", ...kinds.map((kind) => `${SQUARES[kind]} ${kind}`), "Share"];
	const row = (name, counters) => [name, ...kinds.map((kind) => counters[kind] ?? "–")];
	const rows = resources
		.slice(0, MAX_TYPES)
		.flatMap((type) => [
			[...row(`<b>${prose(type.resourceType, MAX_NAME)}</b>`, type), bar(type)],
			...largest(type).map((category) => [...row(`&emsp;${prose(category.name, MAX_NAME)}`, category), ""]),
			...more(type.categories.length - MAX_CATEGORIES, "&emsp;"),
		]);
	return table(heads, [...rows, ...more(resources.length - MAX_TYPES)]);
}
function largest({ categories }) {
	const size = (one) => sumOfKnown(CHANGES.map((kind) => one[kind]));
	const failed = (one) => one.failed ?? 0;
	return [...categories].sort((a, b) => failed(b) - failed(a) || size(b) - size(a)).slice(0, MAX_CATEGORIES);
}
function more(n, indent = "") {
	return n > 0 ? [[`${indent}… and ${number(n)} more`]] : [];
}
function bar(counters) {
	const told = KINDS.map((kind) => counters[kind] ?? 0);
	const total = sumOfKnown(told);
	if (total === 0) return "";
	const squares = told.map((n) => Math.round((BAR_LENGTH * n) / total) || Number(n > 0));
	const longest = squares.indexOf(Math.max(...squares));
	const rest = BAR_LENGTH - squares.reduce((sum, n) => sum + n, 0);
	return KINDS.map((kind, index) => SQUARES[kind].repeat((squares[index] ?? 0) + (index === longest ? rest : 0))).join(
		"",
	);
}
function failedCommandsTable(facts, errorsFile) {
	const { isPartial = false } = facts;
	const commands = facts.firstFailedCommands.slice(0, MAX_GROUPED);
	const total = Math.max(facts.failedCommands ?? 0, commands.length);
	if (total === 0) return "";
	const groups = [...Map.groupBy(commands, kindOf).values()].sort((a, b) => b.length - a.length);
	const shown = groups.slice(0, MAX_COMMANDS);
	let named = 0;
	const rows = shown.map((group, index) => {
		const names = namesOf(group.slice(0, MAX_COMMANDS - named - (shown.length - index - 1)));
		named += names.length;
		return [group.length, typesOf(group), imports_messageOf(group), folded(names, group.length)];
	});
	return [
		`<h4>${count(total, "failed command")}</h4>`,
		...(rows.length === 0 ? [] : [table(["Count", "Kind", "Error", "[Index] Command"], rows, [2, 3])]),
		...whereTheRestIs(
			named,
			commands.length,
			total,
			errorsFile === undefined ? undefined : { path: errorsFile, isPartial },
		),
	].join("\n");
}
function kindOf({ errorType, resourceType, errorMessage }) {
	const message = plain(errorMessage, MAX_MESSAGE).replace(/'[^']*'|"[^"]*"|[\da-f]{8}-[-\da-f]+|\d+/gi, "…");
	return [errorType, resourceType, message].join("\n");
}
function typesOf([first]) {
	return [first?.resourceType, first?.errorType].map((text) => prose(text ?? "", MAX_NAME)).join("<br>");
}
function imports_messageOf(group) {
	const [first = "", ...others] = new Set(group.map(({ errorMessage }) => plain(errorMessage, MAX_MESSAGE)));
	const alike = others.length === 0 ? "" : `<br>(${count(others.length, "more message")} with other names or numbers)`;
	return prose(first, MAX_MESSAGE) + alike;
}
function namesOf(group) {
	return group.map(({ identifier, indices }) => {
		const first = [...indices.slice(0, MAX_INDICES), ...(indices.length > MAX_INDICES ? ["…"] : [])];
		return [...(first.length === 0 ? [] : [`[${first.join(", ")}]`]), prose(identifier, MAX_NAME)].join(" ");
	});
}
function folded(names, all) {
	const visible = names.slice(0, names.length > UNFOLDED + 1 ? UNFOLDED : names.length);
	const rest = [...names.slice(visible.length), ...more(all - names.length).flat()].join("<br>");
	const title = `${number(all - visible.length)} more`;
	return visible.join("<br>") + (rest === "" ? "" : `<details><summary>${title}</summary>${rest}</details>`);
}
function whereTheRestIs(named, read, total, errorsFile) {
	if (errorsFile !== undefined) {
		const holds = errorsFile.isPartial ? "lacks some of them: the log says why" : "holds all failed commands";
		return [`<p>The file ${code(errorsFile.path, 500)} ${holds}.</p>`];
	}
	if (named === total) return [];
	const counted = read < total && read > 0 ? `, and only the first ${number(read)} are counted` : "";
	const shown = `${number(named)} of ${count(total, "failed command")} are named here${counted}`;
	const where = "All are in the Import Results in Collibra; the input <code>errors-file</code> writes them to a file";
	return [`<p>${shown}. ${where}.</p>`];
}

const timeline_MAX_JOBS = 30;
const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR_10000 = Date.UTC(10_000, 0);
const MAX_TICKS = 6;
const TICKS = Object.entries({ second: 1000, minute: MINUTE, hour: 3_600_000, day: DAY }).flatMap(([unit, ms]) =>
	[1, 2, 5, 10, 15, 30].map((n) => ({ name: `${n}${unit}`, ms: n * ms })),
);
const SHORTEST_WAIT = 1 / 60;
const SHORTEST_LABELLED_WAIT = 1 / 6;
function timeline(jobs, nowMs) {
	const rows = jobs.map((job, index) => ({ number: index + 1, phases: phasesOf(job, nowMs) }));
	const shown = rows.filter(({ phases }) => phases.length > 0).slice(0, timeline_MAX_JOBS);
	if (shown.length < 2) return "";
	const times = shown.flatMap(({ phases }) => phases.flatMap(({ from, to }) => [from, to]));
	const span = Math.max(...times) - Math.min(...times);
	const tick = TICKS.find(({ ms }) => span <= ms * MAX_TICKS);
	const left = jobs.length - shown.length;
	const leftOut = left === 0 ? "" : ` The chart leaves out ${left} of ${jobs.length} jobs.`;
	return [
		"```mermaid",
		"---",
		"displayMode: compact",
		"---",
		"gantt",
		"dateFormat YYYY-MM-DDTHH:mm:ss.SSS",
		`axisFormat ${span < 10 * MINUTE ? "%H:%M:%S" : span < DAY ? "%H:%M" : "%m-%d %H:%M"}`,
		...(tick === undefined ? [] : [`tickInterval ${tick.name}`]),
		...shown.flatMap(({ number, phases }) => [`section Job ${number}`, ...phases.flatMap((one) => task(one, span))]),
		"```",
		"",
		`<p>Grey: waiting; blue: running; red: failed. Times in UTC.${leftOut}</p>`,
	].join("\n");
}
function phasesOf({ job, outcome }, nowMs) {
	const [created, started, ended] = [job?.createdOn, job?.startDate, job?.endDate].map(timeOf);
	const end = ended ?? nowMs ?? NaN;
	const phases = [
		{ tag: "done", from: created ?? NaN, to: started ?? end },
		{ tag: outcome === "failure" ? "crit" : "active", from: started ?? NaN, to: end },
	];
	return phases.filter(({ from, to }) => from <= to);
}
function timeOf(date) {
	const ms = date?.getTime() ?? NaN;
	return ms >= 0 && ms < YEAR_10000 ? ms : undefined;
}
function task({ tag, from, to }, span) {
	const share = (to - from) / span;
	if (tag === "done" && share < SHORTEST_WAIT) return [];
	const label = tag === "done" && share < SHORTEST_LABELLED_WAIT ? "·" : duration(to - from);
	const stamp = (ms) => new Date(ms).toISOString().slice(0, -1);
	return [`${label} :${tag}, ${stamp(from)}, ${stamp(to)}`];
}

const verdict_MAX_TEXT = 500;
const MAX_TEXTS = 20_000;
const MAX_LINES = 30;
const SIGNS = {
	success: "✅",
	accepted: "⚠️",
	failure: "❌",
	timeout: "⌛",
	error: "❓",
	cancelled: "🚫",
};
const HEADLINES = {
	success: (jobs) => `${jobs} succeeded`,
	accepted: (jobs) => `${jobs} ended with errors that the policy accepts`,
	failure: (jobs) => `${jobs} failed`,
	timeout: (jobs) => `${jobs} did not end in time`,
	error: (jobs) => `it is not known how ${jobs} ended`,
	cancelled: (jobs) => `${jobs} had not ended when the run was cancelled`,
};
const HEADLINES_WITHOUT_JOBS = {
	timeout: "the time is up",
	cancelled: "the run was cancelled",
};
function headline({ outcome, jobs }) {
	const concerned = jobs.filter((job) => job.outcome === outcome).length;
	const all = concerned === jobs.length ? `all ${concerned}` : `${concerned} of ${jobs.length}`;
	const named = jobs.length === 1 ? "the Collibra job" : `${all} Collibra jobs`;
	const words = concerned === 0 ? (HEADLINES_WITHOUT_JOBS[outcome] ?? "the step failed") : HEADLINES[outcome](named);
	return `${SIGNS[outcome]} ${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
function advice(report) {
	const { jobs } = report;
	const facts = jobs.flatMap(({ importResults: importResults }) => importResults ?? []);
	const numbers = countsInWords(facts);
	const whose = facts.length === jobs.length ? "" : `Import Results of ${facts.length} of ${jobs.length} jobs: `;
	return `<p>${numbers === "" ? "" : `${whose}<b>${numbers}</b>. `}${nextStep(report)}</p>`;
}
function countsInWords(facts) {
	return [...changesInWords(facts), ...failuresInWords(facts)].join(", ");
}
function changesInWords(facts) {
	const changes = facts.map(({ summary }) => summary.changes);
	if (changes.length === 0 || changes.includes(undefined)) return [];
	if (changes.every((n) => n === 0)) return ["Nothing was committed: nothing added, updated or removed"];
	const resources = facts.flatMap(({ summary }) => summary.resources);
	return CHANGES.flatMap((kind) => {
		const told = resources.map((counters) => counters[kind]);
		const sum = sumOfKnown(told);
		return sum === 0 ? [] : `${atLeast(told)}${number(sum)} ${kind}`;
	});
}
function failuresInWords(facts) {
	const told = facts.map(({ failedCommands }) => failedCommands);
	const failed = sumOfKnown(told);
	return failed === 0 ? [] : [`${atLeast(told)}${count(failed, "command")} failed`];
}
function atLeast(told) {
	return told.includes(undefined) ? "at least " : "";
}
function nextStep({ outcome, jobs }) {
	const concerned = jobs.filter((job) => job.outcome === outcome);
	switch (outcome) {
		case "success":
			return concerned.some(({ isContradicted: isDisputed }) => isDisputed)
				? "Import Results contradict that: look in Collibra what is right."
				: "Nothing is left to do.";
		case "accepted":
			return "The step passes, because <code>accept</code> allows it. Correct what failed and import it again.";
		case "failure": {
			const named = concerned.some(({ importResults: importResults }) => importResults?.failedCommands);
			return [
				...(concerned.every(isCommitKnown) ? [] : ["Look in Collibra what of it was committed."]),
				`Correct ${named ? "the failed commands" : "what is said"} below and import again.`,
			].join(" ");
		}
		case "timeout":
			return "Look in Collibra whether it goes on. Then wait for the same <code>job-id</code> again, or raise <code>timeout-minutes</code>.";
		case "error":
			return concerned.length === 0
				? "Put right what is said below and run the step again."
				: "Put right what is said below and wait for the same <code>job-id</code> again before anything relies on it.";
		case "cancelled":
			return "Collibra may go on with what it has begun: look there before you import again.";
	}
}
function isCommitKnown({ job, importResults: importResults }) {
	const changes = importResults?.summary.changes;
	return changes === 0 || (changes !== undefined && job?.state === "COMPLETED");
}
function reasons({ reason, jobs }) {
	const whole = reason?.split("\n") ?? [];
	const lines = whole.slice(0, MAX_LINES).map((line) => prose(line, verdict_MAX_TEXT));
	if (whole.length > MAX_LINES) lines.push(`… and ${count(whole.length - MAX_LINES, "more line")}`);
	const limit = Math.min(verdict_MAX_TEXT, Math.floor(MAX_TEXTS / jobs.length));
	const failed = jobs.flatMap((job, index) =>
		isPlainSuccess(job) ? [] : { number: index + 1, text: reasonOf(job, limit) },
	);
	for (const [text, same] of Map.groupBy(failed, (job) => job.text)) {
		const numbers = same.map(({ number }) => number).join(", ");
		lines.push(jobs.length === 1 ? text : `<b>Job ${numbers}</b>: ${text}`);
	}
	return lines.length === 0 ? "" : `<p>${lines.join("<br>\n")}</p>`;
}
function reasonOf({ reason, job }, limit) {
	const message = job?.message ? ` Collibra’s message: “${prose(job.message, limit)}”` : "";
	return `${prose(reason, limit)}.${message}`;
}

const MAX_BYTES = 1_000_000;
const summary_MAX_NAME = 60;
const summary_MAX_WORD = 50;
const MAX_UNFOLDED = 3;
function summaryOf(report, options = {}) {
	const { jobs } = report;
	const { nowMs } = options;
	const list = jobs.length === 0 ? "" : jobsTable(jobs, nowMs);
	const blocks = [`## ${headline(report)}`, advice(report), reasons(report), list, timeline(jobs, nowMs)];
	let room = MAX_BYTES - Buffer.byteLength(blocks.join("\n\n"));
	for (const [index, job] of jobs.entries()) {
		const block = importResults(job, index, jobs.length, options);
		room -= Buffer.byteLength(block) + 2;
		if (room < 0) {
			const left = count(jobs.length - index, "job");
			blocks.push(`<p>Left out, because a job summary can hold no more: the Import Results of the last ${left}.</p>`);
			break;
		}
		blocks.push(block);
	}
	return blocks.filter((block) => block !== "").join("\n\n") + "\n";
}
function writeSummary(path, markdown) {
	(0, external_node_fs_namespaceObject.appendFileSync)(path, markdown);
}
function jobsTable(jobs, nowMs) {
	const heads = ["Job", "Name and id", "State and result", "Duration", "Started (UTC)", "Ended (UTC)"];
	const rows = jobs.map(({ id, outcome, job }, index) => [
		`${index + 1} ${SIGNS[outcome]}<br>${outcome}`,
		`${prose(job?.name ?? "", summary_MAX_NAME)}<br><samp>${prose(id, summary_MAX_NAME)}</samp>`,
		`${code(job?.state, summary_MAX_WORD)}${progressOf(job)}<br>${code(job?.result, summary_MAX_WORD)}`,
		durationOf(job, nowMs),
		time(job?.startDate),
		time(job?.endDate, job?.startDate),
	]);
	return table(heads, rows);
}
function progressOf(job) {
	const known = job?.endDate === undefined && job?.progressPercentage !== undefined;
	return known ? ` ${Math.round(job.progressPercentage)} %` : "";
}
function durationOf(job, nowMs) {
	const startMs = job?.startDate?.getTime() ?? NaN;
	const endMs = job?.endDate?.getTime();
	const ms = (endMs ?? nowMs ?? NaN) - startMs;
	return ms >= 0 ? duration(ms) + (endMs === undefined ? "<br>so far" : "") : "–";
}
function time(date, other) {
	if (date === undefined) return "–";
	const [day, clock] = date.toISOString().slice(0, 19).split("T");
	return day === other?.toISOString().split("T")[0] ? `${clock}` : `${day}<br>${clock}`;
}
function importResults(report, index, jobs, options) {
	const { importResults: facts, outcome, job } = report;
	if (facts === undefined) return "";
	const tables = [countersTable(facts), failedCommandsTable(facts, options.errorsFile)];
	const told = tables.filter((html) => html !== "").join("\n");
	if (jobs === 1) return told;
	const name = job?.name ? ` ${prose(job.name, summary_MAX_NAME)}` : "";
	const title = `${SIGNS[outcome]} <b>Job ${index + 1}</b>${name}: ${countsInWords([facts]) || "no counts"}`;
	const open = jobs <= MAX_UNFOLDED ? " open" : "";
	return `<details${open}><summary>${title}</summary>\n${told}\n</details>`;
}

const classify_QUOTE_LENGTH = 500;
const PASSING_STATUSES = new Set([408, 425, 429]);
const NOT_FOUND_STATUSES = new Set([404, 405, 410]);
const standardError = object({
	titleMessage: maybe(string()),
	userMessage: maybe(string()),
	helpMessage: maybe(string()),
	errorCode: maybe(string()),
});
const CERTIFICATE_CODES =
	/^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|CRL_)/;
const CONNECTION_WORDS = {
	ECONNREFUSED: "connection refused",
	ECONNRESET: "connection reset",
	ECONNABORTED: "connection aborted",
	EPIPE: "connection reset",
	ENOTFOUND: "host name not found",
	EAI_AGAIN: "host name lookup failed",
	ETIMEDOUT: "connection timed out",
	EHOSTUNREACH: "host unreachable",
	ENETUNREACH: "network unreachable",
};
function errorFromResponse(answer, where, nowMs, cut, advice = adviceFor(answer, cut)) {
	const { status } = answer;
	const seen = `HTTP ${status}`;
	const said = [`HTTP ${status} from ${where}`, wordsOf(answer, cut), advice].filter(Boolean).join(". ");
	if (mayPass(status)) {
		return new CollibraError("transient", seen, said, {
			status,
			retryAfterMs: retryAfter(answer.headers, nowMs),
		});
	}
	if (NOT_FOUND_STATUSES.has(status)) return new CollibraError("not-found", seen, said, { status });
	if (status === 401) return new CollibraError("unauthorized", seen, said, { status });
	return new CollibraError("permanent", seen, said, { status });
}
function errorFromConnection(cause, where) {
	const { code = "", message } = cause;
	if (CERTIFICATE_CODES.test(code)) {
		const advice =
			"If a private certificate authority signed it, set NODE_EXTRA_CA_CERTS to the path of its certificate";
		return new CollibraError(
			"permanent",
			"untrusted certificate",
			`The certificate of ${where} is not trusted: ${message} (${code}). ${advice}`,
			{ cause },
		);
	}
	if (cause instanceof ProxyError) return failureOfProxy(cause, where);
	const seen = CONNECTION_WORDS[code] ?? "connection failed";
	return new CollibraError("transient", seen, `${where}: ${seen} (${[code, message].filter(Boolean).join(": ")})`, {
		cause,
	});
}
function mayPass(status) {
	return status >= 500 || PASSING_STATUSES.has(status);
}
function failureOfProxy(cause, where) {
	const { status, message } = cause;
	const seen = `HTTP ${status} from the proxy`;
	if (mayPass(status)) return new CollibraError("transient", seen, `${where}: ${message}`, { cause });
	const [what, advice] =
		status === 407
			? ["its credentials", "check the user name and password in the proxy variable"]
			: ["the connection", "have it let the runner through, or list the host in no_proxy"];
	const said = `The proxy on the way to ${where} refuses ${what} (${status}): ${advice}`;
	return new CollibraError("permanent", seen, said, { cause });
}
function retryAfter(headers, nowMs) {
	const value = headers["retry-after"]?.trim();
	if (value === undefined) return undefined;
	if (/^\d+$/.test(value)) return Number(value) * 1000;
	const until = Date.parse(value);
	const now = Date.parse(headers.date ?? "") || nowMs;
	return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}
function wordsOf({ body, headers }, cut) {
	const standard = fit(standardError, parseJson(body));
	if (standard !== undefined) {
		const { titleMessage, userMessage, helpMessage, errorCode } = standard;
		const words = [titleMessage, userMessage, helpMessage].map((text) =>
			cut(text?.trim() ?? "", classify_QUOTE_LENGTH).replace(/\.$/, ""),
		);
		const distinct = [...new Set(words.filter(Boolean))].join(". ");
		return quote([distinct, errorCode ? `(${errorCode})` : ""].filter(Boolean).join(" "), cut);
	}
	if (looksLikeHtml(body, headers)) return "The answer is an HTML page";
	return quote(body.trim(), cut);
}
function quote(words, cut) {
	return words === "" ? "" : `It says: ${cut(words, classify_QUOTE_LENGTH)}`;
}
function looksLikeHtml(body, headers) {
	return (headers["content-type"] ?? "").includes("html") || /^\s*<(!doctype|html)/i.test(body);
}
function adviceFor({ status, headers }, cut) {
	if (status === 403)
		return "The user is known but may not do this: give it permission to see the job, or use the user that submitted it";
	if (status >= 300 && status < 400) {
		const target = headers.location === undefined ? "" : ` to ${cut(headers.location, classify_QUOTE_LENGTH)}`;
		return `Redirects${target} are not followed, so that credentials stay where they belong: set url to the address of Collibra itself`;
	}
	return "";
}
class Semaphore {
	#places;
	#queue = [];
	constructor(places) {
		this.#places = places;
	}
	async run(work, signal) {
		await this.#enter(signal);
		try {
			return await work();
		} finally {
			this.#leave();
		}
	}
	#enter(signal) {
		signal.throwIfAborted();
		if (this.#places > 0) {
			this.#places--;
			return Promise.resolve();
		}
		return new Promise((resolve, reject) => {
			const turn = () => {
				signal.removeEventListener("abort", giveUp);
				resolve();
			};
			const giveUp = () => {
				this.#queue.splice(this.#queue.indexOf(turn), 1);
				reject(signal.reason);
			};
			this.#queue.push(turn);
			signal.addEventListener("abort", giveUp);
		});
	}
	#leave() {
		const turn = this.#queue.shift();
		if (turn) turn();
		else this.#places++;
	}
}

const MAX_IN_FLIGHT = 8;
const REQUEST_DEADLINE_MS = 30_000;
class Requests {
	#transport;
	#clock;
	#gate = new Semaphore(MAX_IN_FLIGHT);
	cut;
	constructor(transport, clock, cut) {
		this.#transport = transport;
		this.#clock = clock;
		this.cut = cut;
	}
	async exchange(request, { until, signal }) {
		const where = addressOf(request.url);
		const deadline = (ms, outer) => ({
			clock: this.#clock,
			ms,
			signal: outer,
			onTimeout: () =>
				new CollibraError("transient", "no answer in time", `${where}: no answer within ${duration(ms)}`),
		});
		const send = (turn) =>
			withTimeout(deadline(REQUEST_DEADLINE_MS, turn), (own) => this.#transport.send(request, own));
		try {
			return await withTimeout(deadline(until - this.#clock.now(), signal), (outer) =>
				this.#gate.run(() => send(outer), outer),
			);
		} catch (error) {
			signal.throwIfAborted();
			throw error instanceof CollibraError ? error : errorFromConnection(error, where);
		}
	}
	json(answer, url, expected) {
		this.good(answer, url);
		const json = parseJson(answer.body);
		const value = fit(expected.cast, json);
		if (value !== undefined) return { value, serverTime: serverTimeOf(answer) };
		const [seen, said] =
			json === undefined ? notJson(answer) : [`JSON that is not ${expected.what}`, `JSON that is not ${expected.what}`];
		throw new CollibraError("transient", seen, `${addressOf(url)} answered with ${said}`, {
			status: answer.status,
		});
	}
	good(answer, url) {
		if (answer.status < 200 || answer.status > 299) throw this.failure(answer, url);
	}
	failure(answer, url, advice) {
		return errorFromResponse(answer, addressOf(url), this.#clock.date(), this.cut, advice);
	}
}
function notJson({ body, headers }) {
	return looksLikeHtml(body, headers)
		? ["HTML page in place of JSON", "an HTML page in place of JSON (a login or maintenance page?)"]
		: ["answer that is not JSON", "something that is not whole JSON"];
}
function serverTimeOf({ headers }) {
	const time = Date.parse(headers.date ?? "");
	return Number.isNaN(time) ? undefined : new Date(time);
}
function addressOf(url) {
	const { origin, pathname } = new URL(url);
	return origin + pathname;
}
class CollibraClient {
	#baseUrl;
	#requests;
	#credentials;
	constructor(baseUrl, requests, credentials) {
		this.#baseUrl = baseUrl;
		this.#requests = requests;
		this.#credentials = credentials;
	}
	async get(path, expected, call) {
		return this.#requests.json(await this.#send("GET", path, call), this.#urlOf(path), expected);
	}
	async command(method, path, call) {
		this.#requests.good(await this.#send(method, path, call), this.#urlOf(path));
	}
	#urlOf(path) {
		return this.#baseUrl + path;
	}
	async #send(method, path, call) {
		const refused = await this.#credentials.authorization(call);
		const first = await this.#sendAs(refused, method, path, call);
		if (first.status !== 401) return first;
		if (!this.#credentials.renew(refused)) throw this.#refusal(first, path);
		const second = await this.#sendAs(await this.#credentials.authorization(call), method, path, call);
		if (second.status === 401) throw this.#refusal(second, path);
		return second;
	}
	#sendAs(authorization, method, path, call) {
		const query = call.query === undefined ? "" : `?${call.query.toString()}`;
		const headers = { accept: "application/json", authorization };
		const request = { method, url: this.#urlOf(path) + query, headers };
		if (call.body === undefined) return this.#requests.exchange(request, call);
		const body = JSON.stringify(call.body);
		return this.#requests.exchange(
			{ ...request, headers: { ...headers, "content-type": "application/json" }, body },
			call,
		);
	}
	#refusal(answer, path) {
		return this.#requests.failure(answer, this.#urlOf(path), `Check ${this.#credentials.inputs}`);
	}
}

const countersAnswer = object({
	added: maybe(banditypes_number()),
	updated: maybe(banditypes_number()),
	removed: maybe(banditypes_number()),
	failed: maybe(banditypes_number()),
});
const summaryAnswer = {
	what: "an import summary",
	cast: object({
		importJobState: maybe(string()),
		errorsCount: maybe(banditypes_number()),
		resourceTypes: maybe(
			array(
				object({
					resourceType: maybe(string()),
					counters: maybe(countersAnswer),
					subcategories: maybe(
						array(
							maybe(
								object({
									category: maybe(object({ name: maybe(string()) })),
									counters: maybe(countersAnswer),
								}),
							),
						),
					),
				}),
			),
		),
	}),
};
const errorsAnswer = {
	what: "a page of import errors",
	cast: object({
		total: maybe(banditypes_number()),
		results: maybe(
			array(
				object({
					errorType: maybe(string()),
					resourceType: maybe(string()),
					errorMessage: maybe(string()),
					command: maybe(object({ indices: maybe(array(banditypes_number())), identifier: maybe(string()) })),
				}),
			),
		),
	}),
};
const ERRORS_PAGE_SIZE = 1000;
class ImportResultsClient {
	#http;
	constructor(http) {
		this.#http = http;
	}
	async summary(jobId, bounds) {
		const path = `${pathOf(jobId)}/summary`;
		const { value } = await this.#http.get(path, summaryAnswer, bounds);
		return {
			state: value.importJobState ?? "",
			failedCommands: wholeNumber(value.errorsCount),
			changes: import_results_changesOf(value),
			resources: (value.resourceTypes ?? []).map(({ resourceType, counters, subcategories }) => ({
				resourceType: resourceType ?? "",
				...countersOf(counters),
				categories: (subcategories ?? [])
					.filter((category) => category !== undefined)
					.map(({ category, counters: own }) => ({ name: category?.name ?? "", ...countersOf(own) })),
			})),
		};
	}
	async errors(jobId, offset, bounds) {
		const path = `${pathOf(jobId)}/errors`;
		const query = new URLSearchParams({
			offset: `${offset}`,
			limit: `${ERRORS_PAGE_SIZE}`,
			countLimit: "-1",
		});
		const { value } = await this.#http.get(path, errorsAnswer, { ...bounds, query });
		return {
			total: wholeNumber(value.total),
			commands: (value.results ?? []).map(({ errorType, resourceType, errorMessage, command }) => ({
				errorType: errorType ?? "",
				resourceType: resourceType ?? "",
				errorMessage: errorMessage ?? "",
				indices: command?.indices ?? [],
				identifier: command?.identifier ?? "",
			})),
		};
	}
}
function pathOf(jobId) {
	return `/rest/2.0/import/results/${jobId}`;
}
function wholeNumber(value) {
	return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}
function import_results_changesOf({ resourceTypes }) {
	if (resourceTypes === undefined) return undefined;
	const numbers = resourceTypes.flatMap(({ counters }) =>
		[counters?.added, counters?.updated, counters?.removed].map(wholeNumber),
	);
	const sum = numbers.reduce((total, n) => total + (n ?? 0), 0);
	return sum === 0 && numbers.includes(undefined) ? undefined : sum;
}
function countersOf(counters) {
	return {
		added: wholeNumber(counters?.added),
		updated: wholeNumber(counters?.updated),
		removed: wholeNumber(counters?.removed),
		failed: wholeNumber(counters?.failed),
	};
}
const REQUEST_WORTH_MS = 110;
const QUEUE_FACTOR = 2;
const REST_SHARE = 0.86;
const TRUST_FACTOR = 7;
const TRUST_SHARE = 0.4;
const PAST_SHARE = 0.4;
const VAIN_GROWTH = 1.1;
const CREDIBLE_DOUBT = 0.8;
const FIRST_DOUBT = 1.8;
const DOUBT_LEFT = 0.5;
const CAUTION_GROWTH = 8;
const OVERDUE_GAPS = 1.2;
const OVERDUE_FACTOR = 0.8;
const OVERDUE_SHARE = 0.78;
function startEstimate() {
	return { nowMs: 0, startMs: undefined, rise: undefined, caution: FIRST_DOUBT, earlyPolls: 0 };
}
function observe(track, { atMs, running, progress }) {
	if (!running) return { ...track, nowMs: atMs };
	const { rise, caution, nowMs, startMs = nowMs } = track;
	const early = isCredible(rise) && rise.endMs - nowMs < rootPause(track) / 2;
	const seen = { ...track, nowMs: atMs, startMs, vain: track.earlyPolls + Number(early) };
	const told = progress ?? NaN;
	if (!(told >= 0 && told < 100)) return seen;
	const point = { atMs, percent: Number.isInteger(told) && told > 0 ? told + 0.5 : told };
	if (rise === undefined) return { ...seen, rise: newRise(point, caution) };
	const gain = point.percent - rise.last.percent;
	if (gain < 0 || (gain > 0 && isOverdue(rise, nowMs))) {
		return { ...seen, rise: newRise(point, caution * CAUTION_GROWTH), caution: caution * CAUTION_GROWTH };
	}
	return gain > 0 && atMs > rise.last.atMs ? { ...seen, rise: grown(rise, point) } : seen;
}
function nextPoll(track, limits, random) {
	const { rise, nowMs, earlyPolls: vain } = track;
	const root = rootPause(track);
	if (!isCredible(rise)) return { delayMs: within(limits, root, random), remainingMs: undefined };
	if (isOverdue(rise, nowMs)) {
		const isShort = nowMs - rise.last.atMs < OVERDUE_SHARE * waited(track);
		return {
			delayMs: within(limits, isShort ? root * OVERDUE_FACTOR : root, random),
			remainingMs: undefined,
		};
	}
	const restMs = rise.endMs - nowMs;
	const trust = 1 / (1 + 2 * rise.doubt);
	const wanted = restMs > 0 ? restMs * REST_SHARE * trust : -restMs * PAST_SHARE;
	const longer = Math.min(root * TRUST_FACTOR * trust, waited(track) * TRUST_SHARE);
	const longest = rise.last.atMs === nowMs ? longer : root;
	const shortest = Math.min(root, limits.minMs * VAIN_GROWTH ** vain);
	return {
		delayMs: within(limits, Math.max(shortest, Math.min(longest, wanted)), random),
		remainingMs: restMs > 0 && restMs < Infinity ? restMs : undefined,
	};
}
function delayAfter(waitedMs, limits, random) {
	return within(limits, Math.sqrt(2 * REQUEST_WORTH_MS * waitedMs), random);
}
function waited({ nowMs, startMs = 0 }) {
	return nowMs - startMs;
}
function rootPause(track) {
	const factor = track.startMs === undefined ? QUEUE_FACTOR : 1;
	return factor * Math.sqrt(2 * REQUEST_WORTH_MS * waited(track));
}
function newRise(point, doubt) {
	return { first: point, last: point, rate: 0, gapMs: Infinity, endMs: Infinity, doubt };
}
function grown({ first, last, rate, doubt }, point) {
	const [sinceLast, sinceFirst] = [point.atMs - last.atMs, point.atMs - first.atMs];
	const step = (point.percent - last.percent) / sinceLast;
	const average = (point.percent - first.percent) / sinceFirst;
	const recent = rate + (step - rate) * Math.min(1, (2 * sinceLast) / sinceFirst);
	const [slower, faster] = recent < average ? [recent, average] : [average, recent];
	return {
		first,
		last: point,
		rate: recent,
		gapMs: sinceLast,
		endMs: point.atMs + (100 - point.percent) / faster,
		doubt: Math.max(faster / slower - 1, doubt * DOUBT_LEFT),
	};
}
function isCredible(rise) {
	return rise !== undefined && rise.doubt <= CREDIBLE_DOUBT;
}
function isOverdue(rise, nowMs) {
	return nowMs - rise.last.atMs > OVERDUE_GAPS * rise.gapMs;
}
function within({ minMs, maxMs }, pauseMs, random) {
	const jittered = pauseMs * (0.9 + 0.2 * random());
	return jittered > minMs ? Math.min(maxMs, jittered) : minMs;
}

const GRACE_MS = 15_000;
class RetryBudget {
	#maxOutageMs;
	#graceEndsMs;
	#neverSeen = true;
	#outage;
	constructor(freshMs, maxOutageMs) {
		this.#graceEndsMs = freshMs + GRACE_MS;
		this.#maxOutageMs = maxOutageMs;
	}
	get neverSucceeded() {
		return this.#neverSeen;
	}
	onSuccess() {
		this.#neverSeen = false;
		this.#outage = undefined;
	}
	onError(error, lookedMs) {
		if (error.kind !== "transient") {
			this.#outage = undefined;
			return this.#neverSeen && error.kind === "not-found" ? this.#graceEndsMs : -Infinity;
		}
		this.#outage ??= { sinceMs: lookedMs, seen: new Map() };
		this.#outage.seen.set(error.label, (this.#outage.seen.get(error.label) ?? 0) + 1);
		const endMs = this.#outage.sinceMs + this.#maxOutageMs;
		return this.#neverSeen && error.status === 500 ? Math.max(endMs, this.#graceEndsMs) : endMs;
	}
	outage(nowMs) {
		if (this.#outage === undefined) return undefined;
		const tally = [...this.#outage.seen].map(([seen, times]) => `${times} × ${seen}`).join(", ");
		return `no good answer for ${duration(nowMs - this.#outage.sinceMs)} (${tally})`;
	}
}

const FINAL_POLL_MS = 10_000;
async function poll(task, options, clock) {
	const { startMs, signal, finalPollMs = FINAL_POLL_MS } = task;
	const deadlineMs = startMs + options.timeoutMs;
	const budget = new RetryBudget(task.visibleSinceMs ?? startMs, options.maxOutageMs);
	while (!signal.aborted) {
		const polledMs = clock.now();
		const isFinal = polledMs >= deadlineMs;
		const step = await attempt(task, { signal, until: isFinal ? deadlineMs + finalPollMs : deadlineMs }, isFinal);
		const nowMs = clock.now();
		let endMs = deadlineMs;
		let pauseMs;
		switch (step.kind) {
			case "done":
			case "stopped":
				return step;
			case "pending":
				budget.onSuccess();
				pauseMs = step.delayMs;
				break;
			case "failed": {
				const retryUntilMs = budget.onError(step.error, polledMs);
				if (nowMs >= retryUntilMs || (isFinal && budget.neverSucceeded))
					return givenUp(step.error, budget.outage(nowMs));
				pauseMs = delayAfterError(step.error, nowMs - startMs, options, clock);
				endMs = Math.min(deadlineMs, retryUntilMs);
				task.onTransientError(step.error, isFinal ? 0 : delayWithin(pauseMs, endMs - nowMs, options));
			}
		}
		if (isFinal) return timedOut(nowMs - startMs, budget.outage(nowMs));
		await clock.sleep(delayWithin(pauseMs, endMs - nowMs, options), signal);
	}
	return { kind: "stopped" };
}
async function attempt(task, bounds, isFinal) {
	try {
		return await task.poll(bounds, isFinal);
	} catch (error) {
		if (bounds.signal.aborted) return { kind: "stopped" };
		if (error instanceof CollibraError) return { kind: "failed", error };
		throw error;
	}
}
function delayAfterError(error, waitedMs, { interval: pace }, clock) {
	return Math.max(
		delayAfter(waitedMs, pace, () => clock.random()),
		error.retryAfterMs ?? 0,
	);
}
function delayWithin(pauseMs, leftMs, { interval: pace }) {
	return Math.max(0, pauseMs + pace.minMs > leftMs ? leftMs : pauseMs);
}
function givenUp(error, outage) {
	const reason = outage === undefined ? error.message : `Gave up: ${outage}. Last: ${error.message}`;
	return { kind: "error", reason, cause: error };
}
function timedOut(waitedMs, outage) {
	const lately = outage === undefined ? "" : `; at last, ${outage}`;
	return { kind: "timeout", reason: `Not finished after ${duration(waitedMs)}${lately}` };
}

const PAGE_SIZE = 50;
const CLOCK_NOISE_MS = 2_000;
async function findJob(wanted, finding, signal) {
	const { clock, options, startMs } = finding;
	const startedOn = clock.date() - (clock.now() - startMs);
	const dateNow = () => startedOn + clock.now() - startMs;
	const pollOnce = async (bounds, isFinal) => {
		const oldest = (serverTime) => startedOn - wanted.lookbackMs + skewOf(serverTime, dateNow());
		const found = await newest(wanted, finding.finder, oldest, bounds);
		if (found !== undefined) return { kind: "done", value: found };
		const pauseMs = delayAfter(clock.now() - startMs, options.interval, () => clock.random());
		if (!isFinal) finding.onNotFound(pauseMs);
		return { kind: "pending", delayMs: pauseMs };
	};
	const onTransientError = (error, pauseMs) => finding.onTransientError(error, pauseMs);
	const polled = await poll({ startMs, signal, poll: pollOnce, onTransientError }, options, clock);
	return polled.kind === "timeout"
		? { ...polled, reason: `No ${describeQuery(wanted)} appeared. ${polled.reason}` }
		: polled;
}
function describeQuery({ name, type, user, lookbackMs }) {
	const more = [type && `of type ${type}`, user && `started by ${user}`].filter(Boolean).map((text) => ` ${text}`);
	return `job named "${name}"${more.join(",")} created at most ${duration(lookbackMs)} before the step started`;
}
async function newest(wanted, finder, oldestBy, bounds) {
	const filters = {
		name: wanted.name,
		nameMatchMode: "EXACT",
		...(wanted.type === undefined ? {} : { type: [wanted.type] }),
		...(wanted.user === undefined ? {} : { user: wanted.user }),
		pageSize: PAGE_SIZE,
	};
	try {
		for await (const { jobs, serverTime } of finder.find(filters, bounds)) {
			const oldest = oldestBy(serverTime);
			const matches = jobs
				.filter(({ id, name, type }) => isUuid(id) && name === wanted.name && (wanted.type ?? type) === type)
				.filter(({ user }) => (wanted.user ?? user) === user)
				.filter((job) => createdMs(job) >= oldest)
				.sort((a, b) => createdMs(b) - createdMs(a));
			if (matches[0] !== undefined) return matches[0];
			if (jobs.some((job) => createdMs(job) < oldest)) return undefined;
		}
	} catch (error) {
		throw error instanceof CollibraError && isNotServed(error) ? noFindJobs(error) : error;
	}
	return undefined;
}
function createdMs({ createdOn }) {
	return createdOn?.getTime() ?? NaN;
}
function skewOf(serverTime, dateNow) {
	const skewMs = serverTime === undefined ? 0 : serverTime.getTime() - dateNow;
	return Math.abs(skewMs) <= CLOCK_NOISE_MS || skewMs < -6e5 ? 0 : skewMs;
}
function noFindJobs(cause) {
	const said = `This environment has no Find jobs (/rest/jobs/v1/jobs), which job-name needs: give job-id. ${cause.message}`;
	return new CollibraError("permanent", cause.label, said, { cause });
}

const PATIENCE_MS = { needed: 60_000, wanted: 20_000 };
const LATE_MS = { needed: 15_000, wanted: 1_500 };
const MOST_COMMANDS = 1_000_000;
const read_import_results_MOST_PAGES = 2_000;
const LONGEST_READ_MS = 600_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;
class ImportResultsReader {
	#settings;
	constructor(settings) {
		this.#settings = settings;
	}
	async read(jobId, needed, signal) {
		const { api, onFailedCommands, onTrouble } = this.#settings;
		let summary;
		try {
			summary = await this.#patiently((bounds) => api.summary(jobId, bounds), needed, signal);
			if (failedCommandsOf(summary) === 0) return { summary, failedCommands: 0, firstFailedCommands: [] };
			return { summary, ...(await this.#failedCommands(jobId, summary, needed, signal)) };
		} catch (error) {
			const reason = read_import_results_reasonOf(error, signal);
			if (needed || summary || onFailedCommands || !isNoImport(error)) onTrouble(jobId, reason);
			return (
				summary && {
					summary,
					failedCommands: failedCommandsOf(summary),
					firstFailedCommands: [],
					isPartial: true,
				}
			);
		}
	}
	async #failedCommands(jobId, summary, needed, signal) {
		const { api, onFailedCommands, onTrouble } = this.#settings;
		const page = (offset) => this.#patiently((bounds) => api.errors(jobId, offset, bounds), needed, signal);
		const first = await page(0);
		onFailedCommands?.(jobId, first.commands);
		const counts = [summary.failedCommands, first.total].filter((n) => n !== undefined);
		const total = counts.length === 0 ? Infinity : Math.max(...counts);
		const pass = async (offset) => {
			const { commands } = await page(offset);
			if (commands.length > 0) onFailedCommands?.(jobId, commands);
			return commands.length;
		};
		const rest = onFailedCommands && (await this.#rest(first.commands.length, total, pass, signal));
		const { read, isPartial, trouble } = rest ?? { read: first.commands.length, isPartial: false };
		if (isPartial) {
			const some = total === Infinity ? `${read}` : `${read} of ${total}`;
			onTrouble(jobId, [`only ${some} failed commands could be read`, trouble].filter(Boolean).join(": "));
		}
		return {
			firstFailedCommands: first.commands,
			failedCommands: counts.length === 0 ? undefined : believable(Math.max(total, read), summary),
			...(isPartial ? { isPartial } : {}),
		};
	}
	async #rest(readBefore, total, pass, signal) {
		const { clock } = this.#settings;
		const endMs = clock.now() + LONGEST_READ_MS;
		let read = readBefore;
		let last = readBefore;
		let trouble;
		const wanted = Math.min(total, MOST_COMMANDS);
		for (let pages = 1; read < wanted && last > 0 && trouble === undefined; pages++) {
			try {
				last = await pass(read);
				read += last;
				if (clock.now() > endMs) trouble = `reading them took more than ${duration(LONGEST_READ_MS)}`;
				if (pages === read_import_results_MOST_PAGES)
					trouble = `they came in more than ${number(read_import_results_MOST_PAGES)} pages`;
			} catch (error) {
				trouble = read_import_results_reasonOf(error, signal);
			}
		}
		return { read, isPartial: total === Infinity ? last > 0 : read < total, trouble };
	}
	async #patiently(ask, needed, signal) {
		const { clock } = this.#settings;
		const kind = needed ? "needed" : "wanted";
		const startMs = clock.now();
		const until = startMs + PATIENCE_MS[kind];
		for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
			try {
				signal.throwIfAborted();
				return await ask({ until, signal });
			} catch (error) {
				const endMs = isLate(error) ? startMs + LATE_MS[kind] : isPassing(error) ? until : -Infinity;
				const pause = Math.max(pauseMs, error.retryAfterMs ?? 0);
				if (signal.aborted || clock.now() + pause > endMs) throw error;
				await clock.sleep(pause, signal);
			}
		}
	}
}
function failedCommandsOf(summary) {
	return believable(summary.failedCommands, summary);
}
function believable(failedCommands, summary) {
	const someFailed = summary.resources.some(({ failed }) => failed) || SOME_FAILED.includes(summary.state);
	return failedCommands === 0 && someFailed ? undefined : failedCommands;
}
const SOME_FAILED = ["COMPLETED_WITH_ERRORS", "ABORTED"];
function read_import_results_reasonOf(error, signal) {
	if (signal.aborted) return "the wait was stopped";
	if (error instanceof CollibraError) return error.message;
	throw error;
}
function isPassing(error) {
	return error instanceof CollibraError && error.kind === "transient";
}
function isLate(error) {
	return error instanceof CollibraError && (error.status === 400 || error.status === 404);
}
function isNoImport(error) {
	return error instanceof CollibraError && error.status === 404;
}

const UNCLEAR_MS = 15_000;
async function waitForJob(id, waiting, signal) {
	const watched = await pollJob(id, waiting, signal);
	const report = await reportOf(id, watched, waiting, signal);
	const { polled } = watched;
	return { report, credentialsRefused: polled.kind === "error" && polled.cause.kind === "unauthorized" };
}
async function pollJob(id, waiting, signal) {
	const { clock, options, observer, startMs, foundMs, finalPollMs } = waiting;
	let track = startEstimate();
	let unclearSinceMs;
	let job;
	const delayAfterPoll = (seen, isFinal) => {
		const nowMs = clock.now();
		const stage = stageOf(seen);
		if (stage === "finished") return undefined;
		if (stage !== "no-result") {
			unclearSinceMs = undefined;
			const atMs = nowMs - (foundMs ?? startMs);
			track = observe(track, { atMs, running: seen.state !== "WAITING", progress: seen.progressPercentage });
			return nextPoll(track, options.interval, () => clock.random());
		}
		unclearSinceMs ??= nowMs;
		const patientMs = unclearSinceMs + UNCLEAR_MS - nowMs;
		if (patientMs <= 0 || isFinal) return undefined;
		return { delayMs: Math.min(options.interval.minMs, patientMs), remainingMs: undefined };
	};
	const pollOnce = async (bounds, isFinal) => {
		job = await waiting.jobs.get(id, bounds);
		const pace = delayAfterPoll(job, isFinal);
		observer.onPoll(id, job, pace);
		return pace === undefined ? { kind: "done", value: job } : { kind: "pending", delayMs: pace.delayMs };
	};
	const onTransientError = (error, pauseMs) => observer.onTransientError(id, error, pauseMs);
	const polled = await poll(
		{ startMs, visibleSinceMs: foundMs, finalPollMs, signal, poll: pollOnce, onTransientError },
		options,
		clock,
	);
	return { polled, job };
}
async function reportOf(id, { polled, job }, waiting, signal) {
	const seen = job === undefined ? {} : { job };
	switch (polled.kind) {
		case "done":
			return judged(id, polled.value, waiting, signal);
		case "timeout":
			return { id, outcome: "timeout", reason: `${polled.reason}${lastState(job)}`, ...seen };
		case "error":
			return { id, outcome: "error", reason: polled.reason, ...seen };
		case "stopped":
			return { id, outcome: "cancelled", reason: `The wait was cancelled${lastState(job)}`, ...seen };
	}
}
function lastState(job) {
	if (job === undefined) return "; the job was never seen";
	const unknown = stageOf(job) === "unknown" ? ", which this action does not know" : "";
	return `; last seen in state ${job.state || "(none)"}${unknown}`;
}
async function judged(id, job, waiting, signal) {
	const needed = needsImportResults(job, waiting.policy);
	const wanted = needed || waiting.wantsImportResults;
	const facts = wanted ? await waiting.importResults.read(id, needed, signal) : undefined;
	if (needed && facts?.failedCommands === undefined && signal.aborted) {
		return {
			id,
			job,
			outcome: "cancelled",
			reason: "Cancelled before Import Results were read, which the verdict needs",
		};
	}
	const verdict = judge(job, waiting.policy, facts === undefined ? undefined : evidenceOf(facts));
	return { id, ...verdict, job, ...(facts === undefined ? {} : { importResults: facts }) };
}
function evidenceOf({ summary, failedCommands }) {
	return { importJobState: summary.state, failedCommands, changes: summary.changes };
}

function waitForJobs(ids, waiting, signal) {
	const refused = new AbortController();
	const either = AbortSignal.any([signal, refused.signal]);
	const waitForOne = async (id) => {
		const { report, credentialsRefused } = await waitForJob(id, waiting, either);
		if (credentialsRefused) refused.abort(report.reason);
		const told = report.outcome === "cancelled" && !signal.aborted ? stopped(report, refused.signal.reason) : report;
		waiting.observer.onFinished(told);
		return told;
	};
	return Promise.all(ids.map(waitForOne));
}
function stopped(report, refusal) {
	return {
		...report,
		outcome: "error",
		reason: `Not waited for any longer, for another job was refused. ${refusal}`,
	};
}

const DELETE_PAUSE_MS = 1_000;
const CANCELLED_LATE = "Cancelled after the jobs had ended: their outcomes stand, but the step does not pass";
class Run {
	#settings;
	#dependencies;
	#jobs;
	#importResults;
	constructor(settings, dependencies) {
		const { transport, clock, redactAndTruncate: cut, observer: watcher, onFailedCommands } = dependencies;
		const requests = new Requests(transport, clock, cut);
		const credentials = credentialsOf(settings.credentials, requests, clock, (token) => watcher.onToken(token));
		const http = new CollibraClient(settings.url, requests, credentials);
		this.#settings = settings;
		this.#dependencies = dependencies;
		this.#jobs = new Jobs(http, settings.jobApi);
		this.#importResults = new ImportResultsReader({
			api: new ImportResultsClient(http),
			clock,
			onFailedCommands,
			onTrouble: (jobId, reason) => watcher.onNoImportResults(jobId, reason),
		});
	}
	async report(signal) {
		const target = await this.#target(signal);
		if (target.kind !== "ids") return { outcome: target.outcome, reason: target.reason, jobs: [] };
		const jobs = await waitForJobs(target.ids, this.#waiting(target), signal);
		const outcome = mostSevere(jobs.map((job) => job.outcome));
		if (!signal.aborted || outcome === "cancelled") return { outcome, jobs };
		return { outcome: "cancelled", reason: CANCELLED_LATE, jobs };
	}
	async deleteUnfinished(report, message, boundMs, onAnswer) {
		const { clock } = this.#dependencies;
		const bounds = { until: clock.now() + boundMs, signal: new AbortController().signal };
		const unfinished = report.jobs.filter(isUnfinished);
		await Promise.all(unfinished.map(async ({ id }) => onAnswer(id, await this.#delete(id, message, bounds))));
	}
	async #delete(id, message, bounds) {
		const { clock } = this.#dependencies;
		for (let pauseMs = DELETE_PAUSE_MS; ; pauseMs *= 2) {
			try {
				await this.#jobs.delete(id, message, bounds);
				return undefined;
			} catch (error) {
				if (!(error instanceof CollibraError)) throw error;
				if (error.kind !== "transient" || clock.now() + pauseMs >= bounds.until) return error;
			}
			await clock.sleep(pauseMs);
		}
	}
	#waiting({ ids, foundMs }) {
		const settings = this.#settings;
		const dependencies = this.#dependencies;
		return {
			jobs: this.#jobs,
			importResults: this.#importResults,
			policy: settings.policy,
			options: settings.polling,
			wantsImportResults: settings.importResults || dependencies.onFailedCommands !== undefined,
			clock: dependencies.clock,
			startMs: dependencies.startMs,
			foundMs,
			finalPollMs: FINAL_POLL_MS * Math.ceil(ids.length / MAX_IN_FLIGHT),
			observer: dependencies.observer,
		};
	}
	async #target(signal) {
		const { target, polling } = this.#settings;
		if (target.kind === "ids") return { ...target, foundMs: undefined };
		const { clock, startMs, observer: watcher } = this.#dependencies;
		const wanted = describeQuery(target);
		const found = await findJob(
			target,
			{
				finder: this.#jobs,
				options: polling,
				clock,
				startMs,
				onTransientError: (error, pauseMs) => watcher.onTransientError(wanted, error, pauseMs),
				onNotFound: (pauseMs) => watcher.onNotFound(wanted, pauseMs),
			},
			signal,
		);
		switch (found.kind) {
			case "done":
				watcher.onFound(wanted, found.value);
				return { kind: "ids", ids: [found.value.id], foundMs: clock.now() };
			case "stopped":
				return {
					kind: "none",
					outcome: "cancelled",
					reason: `Cancelled while looking for a ${wanted}`,
				};
			case "timeout":
			case "error":
				return { kind: "none", outcome: found.kind, reason: found.reason };
		}
	}
}
function isUnfinished({ outcome, job }) {
	const stage = job === undefined ? "unknown" : stageOf(job);
	return (outcome === "timeout" || outcome === "cancelled") && (stage === "pending" || stage === "unknown");
}

const USER_AGENT = "wait-for-collibra-import-job";
const DELETE_BOUND_MS = { timeout: 20_000, cancelled: 3_000 };
async function main(cancel) {
	const startMs = systemClock.now();
	const annotations = new Annotations();
	const read = (name) => getInput(name, { trimWhitespace: false });
	for (const name of SECRET_INPUTS) maskSecret(read(name).trim());
	const settings = readSettings(read);
	if ("errors" in settings) return refuse(settings.errors, annotations);
	maskHeaders(settings.credentials);
	const problems = proxyProblems(settings);
	if (problems.length > 0) return refuse(problems, annotations);
	let errorsFile;
	try {
		if (settings.errorsFile !== undefined) errorsFile = new ErrorsFile(settings.errorsFile);
	} catch (error) {
		return refuse([`errors-file: can't be written: ${error.message}`], annotations);
	}
	return waitAndReport({ settings, startMs, annotations, errorsFile, cancel });
}
function refuse(problems, annotations) {
	const reason = ["Nothing was asked of Collibra. To be put right first:", ...problems].join("\n");
	return conclude({ outcome: "error", reason, jobs: [] }, annotations);
}
function maskHeaders(credentials) {
	if (credentials.kind === "bearer") return;
	const header =
		credentials.kind === "basic"
			? basicAuthorization(credentials.username, credentials.password)
			: clientAuthorization(credentials.clientId, credentials.clientSecret);
	maskSecret(header.replace("Basic ", ""));
}
function proxyProblems({ url, credentials }) {
	const urls = credentials.kind === "client" ? [url, credentials.tokenUrl] : [url];
	const problems = urls.map((one) => proxyProblem(one));
	return [...new Set(problems.filter((problem) => problem !== undefined))];
}
async function waitAndReport({ settings, startMs, annotations, errorsFile, cancel }) {
	const log = new Log(systemClock, startMs);
	log.line(intent(settings));
	const run = new Run(settings, {
		transport: new HttpTransport(USER_AGENT, systemClock),
		clock: systemClock,
		startMs,
		redactAndTruncate: redactAndTruncate,
		observer: watcherOf(log),
		onFailedCommands: errorsFile && ((jobId, commands) => errorsFile.add(jobId, commands)),
	});
	const over = new AbortController();
	void log.heartbeat(over.signal);
	const { report, errorsPath } = closeErrorsFile(await run.report(cancel), errorsFile);
	over.abort();
	const passed = conclude(report, annotations, errorsPath);
	const cause = report.outcome === "cancelled" ? "cancelled" : "timeout";
	const onEnd = cause === "cancelled" ? settings.onCancel : settings.onTimeout;
	if (onEnd === "delete") {
		const message = deleteMessage(cause, MAX_DELETE_MESSAGE, process.env);
		const deleted = run.deleteUnfinished(report, message, DELETE_BOUND_MS[cause], (id, refusal) => {
			if (refusal === undefined)
				log.line(`${id}: asked Collibra to delete the job; whether a running import stops is up to Collibra`);
			else log.line(`Warning: Collibra did not delete ${id}: ${refusal.message}`);
		});
		await Promise.race([deleted, (0, external_node_events_namespaceObject.once)(cancel, "abort")]);
	}
	return passed;
}
function intent({ url, target, policy, polling, jobApi }) {
	const what = target.kind === "ids" ? count(target.ids.length, "job") : `the newest job named "${target.name}"`;
	const accept = ["SUCCESS", ...policy.accept].join(", ");
	return `Waiting for ${what} at ${url} (job API: ${jobApi}), for ${duration(polling.timeoutMs)} at most; accepted: ${accept}`;
}
function watcherOf(log) {
	return {
		onPoll: (id, job, pace) => log.onPoll(id, job, pace),
		onTransientError: (what, error, pauseMs) => log.onTransientError(what, error, pauseMs),
		onNotFound: (wanted, pauseMs) => log.onNotFound(wanted, pauseMs),
		onFound: (wanted, job) => log.onFound(wanted, job),
		onFinished: (report) => log.onFinished(report),
		onNoImportResults: (id, reason) => log.line(`${id}: Import Results could not be read: ${reason}`),
		onToken: maskSecret,
	};
}
function closeErrorsFile(report, errorsFile) {
	if (report.outcome === "cancelled") {
		errorsFile?.discard();
		return { report };
	}
	try {
		errorsFile?.finish();
		return { report, errorsPath: errorsFile?.path };
	} catch (error) {
		const reason = `errors-file: can't be written: ${error.message}`;
		return { report: { ...report, outcome: "error", reason } };
	}
}
function conclude(report, annotations, errorsFile) {
	writeOutputs(outputsOf(report));
	annotations.verdict(report);
	const summaryPath = process.env.GITHUB_STEP_SUMMARY;
	try {
		if (summaryPath) writeSummary(summaryPath, summaryOf(report, { nowMs: systemClock.date(), errorsFile }));
	} catch (error) {
		annotations.warning("No job summary", error.message);
	}
	return passes(report.outcome);
}

const LAST_RESORT_MS = 4_500;
process.exitCode = 1;
let hasFailed = false;
let hasPassed = false;
process.on("uncaughtException", src_fail);
process.on("unhandledRejection", src_fail);
process.on("beforeExit", () => src_fail("The step came to its end without a verdict"));
const cancel = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGBREAK"]) {
	process.on(signal, () => {
		cancel.abort();
		setTimeout(() => src_fail("The step was cancelled and did not end in time"), LAST_RESORT_MS).unref();
	});
}
const noVerdict = outputsOf({ outcome: "error", jobs: [] });
writeOutputs(noVerdict);
main(cancel.signal).then((passed) => {
	hasPassed = passed;
	end();
}, src_fail);
function src_fail(reason) {
	hasFailed = true;
	const advice = "This is a defect of the action or of its dependencies; please report it";
	error(`${plain(String(reason))}. ${advice}.`, { title: "No verdict on the Collibra job" });
	end();
}
function end() {
	if (hasPassed && hasFailed) takeBack();
	process.exitCode = hasPassed && !hasFailed ? 0 : 1;
	process.stdout.write("", () => process.exit());
}
function takeBack() {
	try {
		writeOutputs(noVerdict);
	} catch {}
}
