/** Preact with htm: components in tagged templates, which a browser reads without a build. */
export {
  html,
  render,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "/board/vendor/preact.js";
